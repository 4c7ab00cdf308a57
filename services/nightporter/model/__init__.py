"""The autoencoder over fields: network, training, scores, registry and the baselines it has to beat."""
