"""Requests made from the OpenAPI document: right ones, nearly right ones and wild ones. Seeded and bounded.

What always holds: operations that would end the run itself (logging out, changing the password, removing people) are left
out; an answer of 500 or more is a find unless it is 503 with the reason not_available, and so is a closed connection.
"""
import json
import random

LEFT_OUT = {'logout', 'changePassword', 'removeUser', 'resetUser', 'changeUser', 'endSession', 'removeTotp', 'addTotp', 'newRecoveryCodes',
            'events', 'factoryReset', 'reboot', 'rollbackUpdate', 'stepUp', 'login', 'secondFactor', 'claimSetup', 'restartDataplane',
            'setupBox', 'commitSettings'}
WILD = ['', 'a', '\u0000', '\n', 'ä' * 300, '<script>', "' OR 1=1 --", '../../etc/passwd', '%', '{}', '9' * 40, '\ud83d\ude00', '-1', 'null']


class Fuzzer:
    def __init__(self, document, seed):
        self.document, self.random = document, random.Random(seed)

    def resolve(self, schema):
        while '$ref' in schema:
            schema = self.document['components']['schemas'][schema['$ref'].rsplit('/', 1)[1]]
        return schema

    def fitting(self, schema, name=''):
        """A value that is likely right."""
        schema = self.resolve(schema)
        if 'enum' in schema:
            return self.random.choice(schema['enum'])
        if 'const' in schema:
            return schema['const']
        kind = schema.get('type', 'string')
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == 'object':
            return {k: self.fitting(v, k) for k, v in schema.get('properties', {}).items()
                    if k in schema.get('required', []) or self.random.random() < 0.5}
        if kind == 'array':
            return [self.fitting(schema['items']) for _ in range(self.random.randint(schema.get('minItems', 0), 2) or 1)]
        if kind == 'integer':
            return self.random.randint(schema.get('minimum', 0), min(schema.get('maximum', 99), schema.get('minimum', 0) + 99))
        if kind == 'boolean':
            return self.random.random() < 0.5
        return {'domain': 'example.org', 'host-port': '192.0.2.1:25', 'ip-address': '192.0.2.1', 'ip-prefix': '192.0.2.1/24',
                'base64': 'aGVsbG8=', 'date-time': '2026-01-01T00:00:00Z', 'uri': 'https://example.org/x'}.get(
                    schema.get('format'), {'name': 'host_name', 'of': 'running', 'from': '1', 'to': 'candidate', 'older': '5m',
                                           'expires': '2030-01-01', 'code': '123456'}.get(name, 'abc1'))

    def wild(self):
        return self.random.choice(WILD + [None, True, -1, 1e308, 10**18, [], {}, [[[]]], {'a': {'b': []}}])

    def spoil(self, value):
        """One place of it becomes something else."""
        if isinstance(value, dict) and value and self.random.random() < 0.8:
            name = self.random.choice(list(value))
            return value | {name: self.spoil(value[name])}
        if isinstance(value, dict) and self.random.random() < 0.5:
            return value | {self.random.choice(WILD): 1}
        return self.wild()

    def quoted(self, text):
        return ''.join(c if c.isalnum() and c.isascii() else ''.join(f'%{b:02X}' for b in c.encode('utf-8', 'surrogatepass')) for c in str(text))

    def request(self, path, operation):
        query = []
        for row in operation.get('parameters', []):
            value = self.fitting(row['schema'], row['name']) if self.random.random() < 0.6 else self.random.choice(WILD)
            value = str(value).lower() if isinstance(value, bool) else value
            if row['in'] == 'path':
                path = path.replace('{' + row['name'] + '}', self.quoted(value) or 'x')
            elif self.random.random() < 0.5:
                query.append(f'{row["name"]}={self.quoted(value)}')
        body = None
        if 'requestBody' in operation:
            body = self.fitting(operation['requestBody']['content']['application/json']['schema'])
            if self.random.random() < 0.6:
                body = self.spoil(body)
        return path + ('?' + '&'.join(query) if query else ''), body

    def run(self, api, rounds):
        found = []
        for _ in range(rounds):
            for path, methods in self.document['paths'].items():
                for method, operation in methods.items():
                    if operation['operationId'] in LEFT_OUT:
                        continue
                    target, body = self.request(path, operation)
                    raw = None
                    if body is not None and self.random.random() < 0.1:
                        raw = self.random.choice([b'', b'{', b'\xff\xfe', b'[' * 5000, b'{"a":' * 900, b'"x"'])
                    try:
                        answer = api.send(method.upper(), target, body, raw=raw)
                    except OSError as fault:
                        found.append((operation['operationId'], target, body, repr(fault)))
                        continue
                    excused = answer.status == 503 and answer.headers['Content-Type'] == 'application/problem+json' and \
                        answer.json['type'] == 'not_available'
                    if answer.status >= 500 and not excused:
                        found.append((operation['operationId'], target, json.dumps(body)[:300], repr(answer)))
        return found
