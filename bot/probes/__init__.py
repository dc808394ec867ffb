"""Looks at servers and says what it saw, in the server's own words; never an opinion.

`prober` runs the stages of one connection in order: `guard` vets addresses, `dns` looks names up,
`connect` dials the vetted address, `smtp` (`imap`, `pop3`) talks, `tls` encrypts, `certificate`
reads what was presented. `faults` is the one table from exception to code.

Fixed order, `ladder`: tcp, greeting, ehlo, starttls, tls, certificate, auth; with TLS from the
start, tls and certificate come before the greeting. Nothing here signs in or sends mail.
"""
