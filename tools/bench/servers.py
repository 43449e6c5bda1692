"""The servers that are measured: each can start, stop, say which processes it is, and say when its queue is empty.

What always holds: one server at a time stands in the gateway's namespace; spools of all of them lie on the same disk.
"""
import time

from tools.lab import gateway, postfix
from tools.lab.network import OFFICE4, WAN4, pids
from tools.lab.shell import end_process, run, wait_for


class Server:
    """Common part: processes are whatever runs in the gateway's namespace."""
    name = ''
    ports = {'starttls': 25}

    def __init__(self, place, lab):
        self.place, self.lab = place, lab

    process = postfix = box = None

    def pids(self):
        return pids(self.lab.network.names['gateway'])

    def drained(self):
        return True

    def wait_drained(self, seconds=120):
        wait_for(self.drained, seconds, f'empty queue of {self.name}', step=0.05)


class Postern(Server):
    name = 'Postern'
    ports = {'starttls': 25, 'implicit': 465}

    def start(self):
        self.box = gateway.Gateway(self.place, self.lab.network, self.lab.certificates,
                                   {'smtp.messages_per_session': 1000000, 'office.connections': 20,
                                    'office.messages_per_connection': 100000}).start()

    def stop(self):
        if self.box:
            self.box.stop()

    def drained(self):
        counters = self.box.counters()
        return counters['spool.stored'] == counters['spool.done']


class Postfix(Server):
    name = 'Postfix'

    def start(self):
        self.postfix = postfix.gateway(self.place, self.lab.network, self.lab.certificates['gateway-ec'],
                                       limits={'default_destination_concurrency_limit': '20', 'smtp_connection_cache_destinations': OFFICE4})
        self.postfix.start()

    def stop(self):
        if self.postfix:
            self.postfix.stop()
        self.lab.network.take_kernel_addresses()

    def drained(self):
        return self.postfix.queue_length() == 0


class Nginx(Server):
    """nginx's mail proxy: STARTTLS here, plain to the office; one worker, as one core."""
    name = 'nginx'

    def start(self):
        self.lab.network.give_kernel_addresses()
        directory, certificate = self.place.path('nginx'), self.lab.certificates
        (directory / 'nginx.conf').write_text(f'''
load_module /usr/lib/nginx/modules/ngx_mail_module.so;
daemon off; worker_processes 1; pid {directory}/pid; error_log {directory}/error.log;
worker_rlimit_nofile 16000;
events {{ worker_connections 8000; }}
mail {{
  auth_http 127.0.0.1:8080/; server_name mx.example.org; smtp_auth none; xclient off;
  ssl_certificate {certificate['gateway-ec']['chain']}; ssl_certificate_key {certificate['gateway-ec']['key']};
  ssl_certificate {certificate['gateway-rsa']['chain']}; ssl_certificate_key {certificate['gateway-rsa']['key']};
  ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache none; ssl_session_tickets on;
  server {{ listen {WAN4}:25; protocol smtp; starttls on; smtp_greeting_delay 0; }}
}}
http {{ access_log off; server {{ listen 127.0.0.1:8080; location / {{
  add_header Auth-Status OK; add_header Auth-Server {OFFICE4}; add_header Auth-Port 25; return 204; }} }} }}
''')
        self.process = self.place.start(*self.lab.network.inside('gateway', 'nginx', '-c', directory / 'nginx.conf', '-p', directory),
                                        log=directory / 'start.log')
        wait_for(lambda: (directory / 'pid').exists(), 10, 'nginx')

    def stop(self):
        if self.process:
            end_process(self.process)
        (self.place.path('nginx') / 'pid').unlink(missing_ok=True)
        self.lab.network.take_kernel_addresses()


class Haproxy(Server):
    """HAProxy in TCP mode with implicit TLS, one thread; it cannot speak STARTTLS."""
    name = 'HAProxy'
    ports = {'implicit': 465}

    def start(self):
        self.lab.network.give_kernel_addresses()
        directory = self.place.path('haproxy')
        certificates = ''
        for kind in ('ec', 'rsa'):
            both = directory / f'gateway-{kind}.pem'
            made = self.lab.certificates[f'gateway-{kind}']
            both.write_bytes(made['chain'].read_bytes() + made['key'].read_bytes())
            both.chmod(0o600)
            certificates += f' crt {both}'
        (directory / 'haproxy.cfg').write_text(f'''
global
  nbthread 1
  maxconn 4000
  tune.ssl.cachesize 0
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen smtps
  bind {WAN4}:465 ssl{certificates}
  server office {OFFICE4}:25
''')
        self.process = self.place.start(*self.lab.network.inside('gateway', 'haproxy', '-db', '-f', directory / 'haproxy.cfg'),
                                        log=directory / 'start.log')
        wait_for(lambda: b':465' in self.lab.network.run('gateway', 'ss', '-ltn').stdout, 10, 'HAProxy')

    def stop(self):
        if self.process:
            end_process(self.process)
        self.lab.network.take_kernel_addresses()


class Sink:
    """The next hop: Postfix's smtp-sink in the office, which takes everything and keeps nothing."""

    def __init__(self, place, lab):
        self.process = place.start(*lab.network.inside('office', 'smtp-sink', '-u', 'nobody', f'{OFFICE4}:25', '1000'),
                                   log=place.path('sink') / 'log')
        time.sleep(0.3)
        if self.process.poll() is not None:
            run('smtp-sink', timeout=1)


def answers(lab, port):
    """True as soon as something listens on the box's port."""
    return lab.network.run('internet', 'timeout', '1', 'bash', '-c', f'exec 3<>/dev/tcp/{WAN4}/{port}', check=False).returncode == 0
