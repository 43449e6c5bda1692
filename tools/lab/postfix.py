"""Postfix instances of the lab: own configuration, queue, data and log; never the machine's own.

What always holds: the master runs in the foreground as our child inside its namespace, so it ends with the run.
"""
import grp
import os
import pathlib
import pwd
import subprocess

from tools.lab.network import LAN4, OFFICE4, WAN4, WAN6
from tools.lab.shell import LabError, run, wait_for

SERVICES = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
tlsproxy unix - - n - 0 tlsproxy
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
smtp-encrypt unix - - n - - smtp -o smtp_tls_security_level=encrypt
smtp-tls12 unix - - n - - smtp -o smtp_tls_security_level=encrypt -o smtp_tls_mandatory_protocols=>=TLSv1.2,<=TLSv1.2
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

COMMON = {
    'compatibility_level': '3.6', 'inet_protocols': 'all', 'mydestination': '', 'local_recipient_maps': '',
    'alias_maps': '', 'alias_database': '', 'smtp_dns_support_level': 'disabled', 'biff': 'no', 'smtputf8_enable': 'yes',
    'message_size_limit': '62914560', 'mailbox_size_limit': '0', 'virtual_mailbox_limit': '0', 'header_size_limit': '1048576',
    'smtpd_client_connection_count_limit': '0', 'smtpd_client_connection_rate_limit': '0', 'smtpd_recipient_limit': '2000',
    'default_process_limit': '100', 'smtpd_tls_loglevel': '1', 'smtp_tls_loglevel': '1', 'append_dot_mydomain': 'no',
    'notify_classes': '', 'address_verify_map': '', 'smtpd_hard_error_limit': '1000', 'smtpd_error_sleep_time': '0',
    'remote_header_rewrite_domain': '', 'local_header_rewrite_clients': '', 'always_add_missing_headers': 'no',
    'minimal_backoff_time': '5s', 'maximal_backoff_time': '20s', 'queue_run_delay': '5s', 'maillog_file_prefixes': '/',
    'smtpd_timeout': '60s', 'maximal_queue_lifetime': '1h', 'in_flow_delay': '0', 'enable_long_queue_ids': 'yes',
}


def service(entry):
    """A listener's line: an address, or an address with settings of its own."""
    address, own = entry if isinstance(entry, tuple) else (entry, {})
    return f'{address} inet n - n - - smtpd' + ''.join(f'\n  -o {key}={value}' for key, value in own.items()) + '\n'


class Postfix:
    def __init__(self, place, network, room, host, listen, settings):
        self.place, self.network, self.room, self.host = place, network, room, host
        self.directory = place.path(f'postfix-{host}')
        self.config = place.path(f'postfix-{host}/config')
        self.log = self.directory / 'maillog'
        self.process, self.starts = None, 0
        for name in ('queue', 'data'):
            (self.directory / name).mkdir(exist_ok=True)
        postfix = pwd.getpwnam('postfix').pw_uid
        os.chown(self.directory / 'data', postfix, grp.getgrnam('postfix').gr_gid)
        every = COMMON | {'myhostname': host, 'queue_directory': self.directory / 'queue', 'maillog_file': self.log,
                          'data_directory': self.directory / 'data', 'syslog_name': f'postfix-{host}'} | settings
        (self.config / 'main.cf').write_text(''.join(f'{key} = {value}\n' for key, value in every.items()))
        services = ''.join(service(entry) for entry in listen)
        (self.config / 'master.cf').write_text(services + SERVICES)
        (self.config / 'dynamicmaps.cf').write_text('')
        place.defer(self.stop)

    def start(self):
        self.starts = self.log.read_text(errors='replace').count('daemon started') if self.log.exists() else 0
        self.process = self.place.start(*self.network.inside(self.room, 'postfix', '-c', self.config, 'start-fg'),
                                        log=self.directory / 'start.log')
        wait_for(self._ready, 20, f'Postfix in {self.room} (see {self.directory}/start.log)')
        return self

    def _ready(self):
        if self.process.poll() is not None:
            text = self.log.read_text() if self.log.exists() else (self.directory / 'start.log').read_text()
            raise LabError(f'Postfix in {self.room} ended at once: {(text.strip().splitlines() or ["no word"])[-1]}')
        return self.log.exists() and self.log.read_text(errors='replace').count('daemon started') > self.starts

    def stop(self):
        if self.process and self.process.poll() is None:
            run(*self.network.inside(self.room, 'postfix', '-c', self.config, 'stop'), check=False)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process = None

    def queue_length(self):
        """Messages not yet passed on."""
        return sum(1 for part in ('maildrop', 'incoming', 'active', 'deferred') for found in
                   pathlib.Path(self.directory / 'queue' / part).rglob('*') if found.is_file())


def office(place, network, certificate, domains, mailboxes):
    """The office's mail server: STARTTLS, known users only, every message one file in `mailboxes`."""
    directory = place.path('office')
    box = place.path('office/mail')
    for part in ('new', 'cur', 'tmp'):
        place.path(f'office/mail/{part}')
    for path in (box, *box.iterdir()):
        os.chown(path, 65534, 65534)
    (directory / 'mailboxes').write_text(''.join(f'{address} mail/\n' for address in mailboxes), encoding='utf-8')
    (directory / 'checks').write_text('/^X-Lab-Office: refuse/ REJECT 5.7.1 the lab asks for a refusal\n')
    return Postfix(place, network, 'office', 'mail.office.example', [f'{OFFICE4}:25', '[2001:db8:2::10]:25', '127.0.0.1:25'], {
        'inet_interfaces': 'all', 'virtual_mailbox_domains': ', '.join(domains), 'virtual_mailbox_base': directory,
        'virtual_mailbox_maps': f'texthash:{directory}/mailboxes', 'virtual_uid_maps': 'static:65534',
        'virtual_gid_maps': 'static:65534', 'header_checks': f'regexp:{directory}/checks', 'mynetworks': '127.0.0.1/32',
        'smtpd_recipient_restrictions': 'reject_unauth_destination', 'smtpd_tls_security_level': 'may',
        'smtpd_tls_cert_file': certificate['chain'], 'smtpd_tls_key_file': certificate['key'],
        'virtual_destination_recipient_limit': '1',
    })


def desk(place, network, ca):
    """Where the office's people hand in their mail: it takes it on its loopback and sends everything through the box."""
    return Postfix(place, network, 'office', 'desk.office.example', ['127.0.0.1:2525'], {
        'inet_interfaces': 'all', 'mynetworks': '127.0.0.0/8', 'smtpd_recipient_restrictions': 'permit_mynetworks, reject',
        'relayhost': f'[{LAN4}]:25', 'smtp_tls_security_level': 'may', 'smtp_tls_CAfile': ca, 'minimal_backoff_time': '2s',
        'maximal_backoff_time': '5s', 'default_destination_concurrency_limit': '20', 'smtp_destination_concurrency_limit': '20',
    })


def sender(place, network, ca):
    """A sender in the internet: takes mail on its loopback and relays by transport map to the box."""
    directory = place.path('sender')
    routes = {'pf4': f'smtp-encrypt:[{WAN4}]', 'pf6': f'smtp-encrypt:[{WAN6}]', 'pf12': f'smtp-tls12:[{WAN4}]',
              'pfmay': f'smtp:[{WAN4}]'}
    (directory / 'transport').write_text(''.join(f'{user}@example.org {route}\n' for user, route in routes.items()) +
                                         f'example.org smtp-encrypt:[{WAN4}]\n')
    return Postfix(place, network, 'internet', 'mail.sender.example', ['127.0.0.1:2525'], {
        'inet_interfaces': 'all', 'transport_maps': f'texthash:{directory}/transport', 'mynetworks': '127.0.0.0/8',
        'relay_domains': 'example.org', 'smtp_tls_security_level': 'may', 'smtp_tls_CAfile': ca,
        'smtpd_recipient_restrictions': 'permit_mynetworks, reject',
    })


def gateway(place, network, certificate, listen=(f'{WAN4}:25', f'[{WAN6}]:25'), office_port=25, limits=None):
    """Postfix in the box's place: the peer of the comparison. Same promise: it writes and syncs before 250."""
    network.give_kernel_addresses()
    return Postfix(place, network, 'gateway', 'mx.example.org', list(listen) + [f'{WAN4}:465'], {
        'inet_interfaces': 'all', 'relay_domains': 'example.org', 'relayhost': f'[{OFFICE4}]:{office_port}',
        'smtpd_recipient_restrictions': 'reject_unauth_destination', 'mynetworks': '127.0.0.1/32',
        'smtpd_tls_security_level': 'may', 'smtp_tls_security_level': 'may',
        'smtpd_tls_cert_file': certificate['chain'], 'smtpd_tls_key_file': certificate['key'],
    } | (limits or {}))
