#!/usr/bin/env python3
"""A small SMTP client for what swaks does not speak: BDAT (RFC 3030), SMTPUTF8 (RFC 6531), DSN, a chosen TLS version.

Sends one file as it is (its line ends are CRLF already) and prints one line of JSON: reply code and text of each
recipient and of the message, TLS version, cipher, seconds.
"""
import argparse
import json
import smtplib
import ssl
import sys
import time

VERSIONS = {'1.2': ssl.TLSVersion.TLSv1_2, '1.3': ssl.TLSVersion.TLSv1_3}


def context_for(version):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if version:
        context.minimum_version = context.maximum_version = VERSIONS[version]
    return context


def open_session(options):
    context = context_for(options.tls_version)
    kind = smtplib.SMTP_SSL if options.tls == 'implicit' else smtplib.SMTP
    more = {'context': context} if options.tls == 'implicit' else {}
    session = kind(options.server, options.port, local_hostname=options.helo, timeout=options.timeout, **more)
    session.ehlo()
    if options.tls == 'starttls':
        session.starttls(context=context)
        session.ehlo()
    return session


def send_data(session, message):
    """DATA with our own dot-stuffing: smtplib's would also touch line ends."""
    code, text = session.docmd('DATA')
    if code != 354:
        return code, text
    stuffed = message.replace(b'\r\n.', b'\r\n..')
    if stuffed.startswith(b'.'):
        stuffed = b'.' + stuffed
    session.sock.sendall(stuffed + (b'' if stuffed.endswith(b'\r\n') else b'\r\n') + b'.\r\n')
    return session.getreply()


def send_chunks(session, message, size):
    """BDAT in chunks of `size`; the last one says LAST."""
    for at in range(0, max(len(message), 1), size):
        chunk = message[at:at + size]
        last = ' LAST' if at + size >= len(message) else ''
        session.sock.sendall(b'BDAT %d%s\r\n' % (len(chunk), last.encode()) + chunk)
        code, text = session.getreply()
        if code != 250:
            break
    return code, text


def transaction(session, options, message):
    """One message; (code, text) of MAIL or of its end, and the replies to RCPT."""
    mail = [f'SIZE={len(message)}', 'BODY=8BITMIME'] + (['SMTPUTF8'] if options.smtputf8 else [])
    session.command_encoding = 'utf-8' if options.smtputf8 else 'ascii'
    code, text = session.mail(options.sender, mail)
    recipients = {}
    if code == 250:
        for recipient in options.to:
            code, text = session.rcpt(recipient)
            recipients[recipient] = code
        if 250 in recipients.values():
            send = send_chunks if options.bdat else send_data
            code, text = send(session, message, options.bdat) if options.bdat else send(session, message)
    return code, text, recipients


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--server', required=True)
    parser.add_argument('--port', type=int, default=25)
    parser.add_argument('--tls', choices=['starttls', 'implicit', 'none'], default='starttls')
    parser.add_argument('--tls-version', choices=list(VERSIONS))
    parser.add_argument('--helo', default='client.sender.example')
    parser.add_argument('--from', dest='sender', default='someone@sender.example')
    parser.add_argument('--to', action='append', required=True)
    parser.add_argument('--data', required=True, help='the message, CRLF')
    parser.add_argument('--bdat', type=int, help='send with BDAT in chunks of so many bytes')
    parser.add_argument('--smtputf8', action='store_true')
    parser.add_argument('--timeout', type=float, default=60)
    options = parser.parse_args()
    with open(options.data, 'rb') as file:
        message = file.read()
    began = time.monotonic()
    try:
        session = open_session(options)
        tls = session.sock.version() if options.tls != 'none' else None
        cipher = session.sock.cipher()[0] if options.tls != 'none' else None
        code, text, recipients = transaction(session, options, message)
        seconds = time.monotonic() - began
        session.quit()
    except (OSError, smtplib.SMTPException) as fault:
        print(json.dumps({'code': 0, 'text': f'{type(fault).__name__}: {fault}'}))
        return 1
    print(json.dumps({'code': code, 'text': text.decode(errors='replace'), 'recipients': recipients, 'tls': tls,
                      'cipher': cipher, 'seconds': round(seconds, 4)}))
    return 0 if code == 250 else 1


if __name__ == '__main__':
    sys.exit(main())
