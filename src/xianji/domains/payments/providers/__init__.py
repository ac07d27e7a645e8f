"""Adapters to payment providers, one file each; all speak the port of `xianji.domains.payments.provider`."""
