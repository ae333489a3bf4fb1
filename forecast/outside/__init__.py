"""The outside view: small models of sequential choice, learned from covariates of many past episodes."""
