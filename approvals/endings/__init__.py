"""Certificates that end before their time: revocation (撤销) and cancellation (注销)."""
