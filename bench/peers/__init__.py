"""chainrule beside its peers: the same data, the same first weights, the same steps."""
