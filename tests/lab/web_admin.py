"""The web admin against the real data plane, as its own user: first boot, a setting changed on each face and seen on the other."""
import json
import re

from tests.firmware.control.admin.admin_client import Api
from tests.lab.harness import check, test
from tests.lab.raw import Raw
from tools.lab import web
from tools.lab.shell import wait_for

SETTING = 'smtp.message_bytes'


def announced_size(bench):
    """What the data plane says in its answer to EHLO (RFC 1870 §3)."""
    with Raw(bench.network) as client:
        check(client.reply() == 220, client.last)
        client.send('EHLO client.sender.example\r\n')
        size = None
        while line := client.line().decode():
            found = re.match(r'250[- ]SIZE (\d+)', line)
            size = int(found.group(1)) if found else size
            if line[3] == ' ':
                return size
    return size


def shown(box):
    """What the command line says the setting is."""
    text = box.postern('settings', 'show').stdout.decode()
    return dict(line.split(' = ', 1) for line in text.splitlines() if ' = ' in line).get(SETTING)


def changed_in_the_browser(bench, box, api):
    check(api.put(f'/settings/candidate/{SETTING}', {'value': '20M'}).status == 200, 'the candidate takes it')
    differs = api.get('/settings/compare').json['changes']
    check([one['name'] for one in differs] == [SETTING], f'the comparison: {differs}')
    done = api.post('/settings/commit', {'comment': 'from the web'})
    check(done.status == 200, f'commit: {done}')
    check(shown(box) == '20M', f'postern settings show: {shown(box)}')
    wait_for(lambda: announced_size(bench) == 20 << 20, 60, 'data plane with the new size')


def changed_on_the_command_line(bench, box, api):
    box.postern('settings', 'set', SETTING, '30M')
    box.postern('settings', 'commit', '-m', 'from the console')
    check(api.get('/settings/values/running').json['values'][SETTING] == '30M', 'the API tells the value')
    wait_for(lambda: announced_size(bench) == 30 << 20, 60, 'data plane with the new size')
    newest = api.get('/settings/history').json['generations'][:2]
    said = [(one['author'], one['source'], one['comment']) for one in newest]
    check(said == [('root', 'cli', 'from the console'), ('anna', 'web', 'from the web')], f'the history: {said}')


@test
def a_setting_changed_in_the_web_admin_is_seen_on_the_command_line_and_back(bench):
    """From the first-boot code over an owner with a second factor to a setting that the packet cores follow."""
    bench.world  # the management wire
    web.add_user(bench.place, bench.network)
    with bench.box(web.settings(bench.place.path(f'admin-{bench.name}'))) as box:
        admin = web.wait_ready(box)
        check('own user' in admin['entered'], f'it became its own user: {admin["entered"]}')
        way = web.Loopback(bench.place, bench.network, port=0)
        try:
            api = Api(way.address, admin['fingerprint'])
            api.set_up(box.postern('admin', 'first-code').stdout.decode().strip())
            check(box.postern('admin', 'first-code', check=False).returncode != 0, 'the code is gone')
            changed_in_the_browser(bench, box, api)
            changed_on_the_command_line(bench, box, api)
        finally:
            way.close()
        check(bench.load('--total', 2, '--connections', 1)['accepted'] == 2, 'mail flows')
        audit = json.loads(box.postern('admin', 'verify-audit', '--json').stdout)
        check(audit['good'] and audit['lines'] >= 4, f'the audit log: {audit}')
