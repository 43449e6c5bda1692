"""The servers behind the wire: one Postfix with a listener for each mail host, one nginx with a block for each policy."""
import os

from tools.lab.internet.model import DOMAINS
from tools.lab.internet.wire_tcp import MAIL_BEHIND, WEB_BEHIND, WEB_EVIL
from tools.lab.postfix import Postfix
from tools.lab.shell import wait_for

POSTFIX_NAME = 'mail.internet.example'
NOBODY = 65534


def bracketed(address):
    return f'[{address}]' if ':' in address else address


def listeners(rows, chains):
    made = []
    for placed in rows:
        for host in placed.hosts:
            if not host.runs or host.mx.server == 'host':
                continue
            own = {'myhostname': host.name, 'smtpd_tls_security_level': 'none'}
            if host.mx.cert:
                chain = chains.chain(host.mx.cert, host.name, placed.row.domain)
                own |= {'smtpd_tls_security_level': 'may', 'smtpd_tls_chain_files': chain.both}
            made += [(f'{bracketed(address)}:{MAIL_BEHIND}', own) for address in host.addresses]
    return made


def postfix(place, network, rows, chains):
    """It takes mail for everybody and keeps every message in one mailbox."""
    box = place.path('internet/mail')
    for part in ('new', 'cur', 'tmp'):
        place.path(f'internet/mail/{part}')
    for path in (box, *box.iterdir()):
        os.chown(path, NOBODY, NOBODY)
    return Postfix(place, network, 'internet', POSTFIX_NAME, listeners(rows, chains), {
        'inet_interfaces': 'all', 'virtual_mailbox_domains': 'static:all', 'virtual_mailbox_base': place.path('internet'),
        'virtual_mailbox_maps': 'static:mail/', 'virtual_uid_maps': f'static:{NOBODY}', 'virtual_gid_maps': f'static:{NOBODY}',
        'mynetworks': '127.0.0.1/32', 'smtpd_recipient_restrictions': 'reject_unauth_destination',
        'smtpd_tls_received_header': 'yes', 'smtpd_peername_lookup': 'no', 'default_process_limit': '150', 'max_idle': '20s',
        'virtual_destination_recipient_limit': '1', 'smtpd_tls_session_cache_database': '',
    })


def policy_text(placed, mode=None, patterns=None):
    """A policy file. RFC 8461 §3.2."""
    sts = placed.row.sts
    first = placed.hosts[0].name if placed.hosts else ''
    lines = ['version: STSv1', f'mode: {mode or sts.mode}']
    lines += ['mx: ' + p.format(mx=first, domain=placed.row.domain) for p in (sts.patterns if patterns is None else patterns)]
    if sts.answer == 'garbage':
        lines = lines[1:]
    text = '\r\n'.join(lines + [f'max_age: {sts.max_age}']) + '\r\n'
    return text + ('x: ' + 'y' * 70 + '\r\n') * 1000 if sts.answer == 'oversized' else text


def block(placed, chains, home):
    """The server block of one policy host."""
    row, name = placed.row, f'mta-sts.{placed.row.domain}'
    chain = chains.chain(row.sts.cert, name)
    inside = {'redirect': f'return 301 https://mta-sts.sts-good.{DOMAINS}/.well-known/mta-sts.txt;',
              'missing': 'return 404;', 'media': 'default_type text/html; types { }'}.get(row.sts.answer, 'default_type text/plain; types { }')
    return (f'server {{ listen 0.0.0.0:{WEB_BEHIND} ssl; server_name {name}; ssl_certificate {chain.chain}; ssl_certificate_key {chain.key};\n'
            f'  location /.well-known/ {{ root {home}/{row.name}; {inside} }}\n  location / {{ return 404; }} }}\n')


class Web:
    """nginx: the policy hosts, and the attacker's with a certificate nobody vouches for and policies that ask for nothing."""

    def __init__(self, place, network, rows, chains):
        self.place, self.network = place, network
        self.home = place.path('web')
        self.rows = [placed for placed in rows if placed.row.sts and placed.row.sts.answer != 'refused']
        for placed in self.rows:
            self.write(placed, policy_text(placed))
            evil = place.path(f'web/evil/{placed.row.name}/.well-known')
            (evil / 'mta-sts.txt').write_text(policy_text(placed, 'none', ()), newline='')
        own = chains.chain('self', 'policies.invalid')
        blocks = ''.join(block(placed, chains, self.home) for placed in self.rows)
        (self.home / 'nginx.conf').write_text(
            f'daemon off; worker_processes 1; pid {self.home}/pid; error_log {self.home}/error.log;\n'
            f'events {{ worker_connections 500; }}\nhttp {{ access_log {self.home}/access.log; server_names_hash_bucket_size 128;\n'
            f'client_body_temp_path {self.home}; proxy_temp_path {self.home}; fastcgi_temp_path {self.home}; uwsgi_temp_path {self.home};\n'
            f'scgi_temp_path {self.home}; ssl_session_cache none; ssl_protocols TLSv1.2 TLSv1.3;\n'
            f'server {{ listen 0.0.0.0:{WEB_BEHIND} ssl default_server; listen 0.0.0.0:{WEB_EVIL} ssl default_server;\n'
            f'  ssl_certificate {own.chain}; ssl_certificate_key {own.key};\n'
            f'  location /.well-known/ {{ root {self.home}/evil/sts-good; default_type text/plain; types {{ }} }} }}\n{blocks}}}\n')

    def write(self, placed, text):
        """What the policy host serves from now on."""
        where = self.place.path(f'web/{placed.row.name}/.well-known')
        (where / 'mta-sts.txt').write_text(text, newline='')

    def start(self):
        self.process = self.place.start(*self.network.inside('internet', 'nginx', '-c', self.home / 'nginx.conf', '-p', self.home),
                                        log=self.home / 'start.log')
        wait_for(lambda: (self.home / 'pid').exists(), 10, f'nginx (see {self.home}/start.log)')
