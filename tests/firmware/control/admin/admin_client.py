"""A client of the API, as a script would be one: cookie, token, origin, and codes of an authenticator.

What always holds: the certificate is the one the box's status names (its fingerprint), or nothing is sent.
"""
import base64
import hashlib
import hmac
import http.client
import json
import ssl
import struct
import time


def totp(secret, at=None):
    """RFC 6238 with SHA-1, six digits, thirty seconds."""
    key = base64.b32decode(secret + '=' * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack('>Q', int((at or time.time()) // 30)), hashlib.sha1).digest()
    cut = mac[19] & 15
    return f'{(struct.unpack(">I", mac[cut:cut + 4])[0] & 0x7fffffff) % 1000000:06}'


class Answer:
    def __init__(self, response):
        self.status, self.headers = response.status, response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f'{self.status} {self.body[:400]!r}'


class Api:
    def __init__(self, address, fingerprint=None, token=None):
        host, port = address.rsplit(':', 1)
        self.host, self.port, self.fingerprint, self.token = host, int(port), fingerprint, token
        self.cookie = self.csrf = None
        self.context = ssl.create_default_context()
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE

    def connect(self, timeout=60):
        connection = http.client.HTTPSConnection(self.host, self.port, context=self.context, timeout=timeout)
        connection.connect()
        if self.fingerprint:
            seen = hashlib.sha256(connection.sock.getpeercert(True)).hexdigest().upper()
            assert seen == self.fingerprint.replace(':', ''), 'another certificate than status names'
        return connection

    def headers(self, method, more=None):
        head = {}
        if self.token:
            head['Authorization'] = f'Bearer {self.token}'
        elif method != 'GET':
            head['Origin'] = f'https://{self.host}:{self.port}'
        if self.cookie and not self.token:
            head['Cookie'] = self.cookie
            if self.csrf and method != 'GET':
                head['X-Postern-Token'] = self.csrf
        return head | (more or {})

    def send(self, method, path, body=None, headers=None, raw=None):
        connection = self.connect()
        try:
            head = self.headers(method, headers)
            data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
            if data is not None:
                head.setdefault('Content-Type', 'application/json')
            connection.request(method, path, body=data, headers={k: v for k, v in head.items() if v is not None})
            answer = Answer(connection.getresponse())
        finally:
            connection.close()
        cookie = answer.headers.get('Set-Cookie')
        if cookie:
            self.cookie = cookie.split(';')[0]
        if answer.status == 200 and answer.body.startswith(b'{') and b'"csrf"' in answer.body:
            self.csrf = answer.json.get('csrf', self.csrf)
        return answer

    def get(self, path, **more):
        return self.send('GET', '/api/v1' + path, **more)

    def post(self, path, body=None, **more):
        return self.send('POST', '/api/v1' + path, body, **more)

    def put(self, path, body=None, **more):
        return self.send('PUT', '/api/v1' + path, body, **more)

    def delete(self, path, **more):
        return self.send('DELETE', '/api/v1' + path, **more)

    def set_up(self, code, name='anna', password='a long password'):
        """From the first-boot code to the first owner, logged in; gives the TOTP secret and the recovery codes."""
        assert self.post('/session/login', {'user': 'x', 'password': 'y'}).status == 401
        claimed = self.post('/setup/claim', {'code': code})
        assert claimed.status == 200, claimed
        made = self.post('/setup/owner', {'name': name, 'password': password})
        assert made.status == 200, made
        secret = made.json['totp']['secret']
        done = self.post('/setup/owner/confirm', {'code': totp(secret)})
        assert done.status == 200 and done.json['state'] == 'full', done
        return secret, made.json['recovery_codes']
