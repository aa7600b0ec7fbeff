"""The domain: what happens after a service is rendered, and what is stored about it."""
