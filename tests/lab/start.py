"""Starts that cannot succeed: one clear line that says what is wrong, exit status not 0, nothing left running."""
import shutil
import subprocess

from tests.lab.harness import check, test
from tools.lab import gateway
from tools.lab.shell import run


def refuse_to_start(bench, words, change=None, board=None, room='gateway', prefix=()):
    """Starts control once with something wrong; checks the line and the status."""
    box = gateway.Gateway(bench.place, bench.network, bench.lab.certificates, board=board or gateway.BOARD)
    try:
        box.write_settings()
        if change:
            change(box)
        command = bench.network.inside(room, *prefix, *box.command_line())
        try:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=25)
        except subprocess.TimeoutExpired as late:
            raise AssertionError(f'it did not end; it said {late.output!r}') from None
        text = done.stdout.decode(errors='replace').strip()
        check(done.returncode != 0, f'exit status 0, and it said {text!r}')
        check(done.returncode > 0, f'it was killed by signal {-done.returncode}: {text!r}')
        faults = [line for line in text.splitlines() if all(w.lower() in line.lower() for w in words)]
        check(faults, f'{text!r} should name {words}')
        check(len(faults) == 1, f'one clear line, not {len(faults)}: {faults}')
        errors = [line for line in text.splitlines() if ' error ' in line]
        check(len(errors) <= 3, f'one clear line and at most what follows from it: {errors}')
        check(not box.dataplane_pids(), 'nothing is left running')
    finally:
        box.stop()
        shutil.rmtree(box.directory, ignore_errors=True)


def append(text):
    return lambda box: box.settings_file.write_text(text + '\n' + box.settings_file.read_text())


def setting(**changes):
    return lambda box: box.write_settings(**{key.replace('__', '.'): value for key, value in changes.items()})


@test
def an_unknown_setting_is_named(bench):
    refuse_to_start(bench, ['smtp.colour'], append('smtp.colour = "blue"'))


@test
def a_value_out_of_range_is_named_with_the_range(bench):
    refuse_to_start(bench, ['smtp.recipients', '100'], setting(smtp__recipients=3))


@test
def a_value_of_the_wrong_type_is_named(bench):
    refuse_to_start(bench, ['smtp.offer_starttls', 'true or false'], setting(smtp__offer_starttls='maybe'))


@test
def a_settings_file_that_is_no_toml_is_named_with_the_line(bench):
    refuse_to_start(bench, ['settings.toml'], append('host_name = = 3'))


@test
def a_missing_settings_file_is_named(bench):
    refuse_to_start(bench, ['settings.toml'], lambda box: box.settings_file.unlink())


@test
def a_missing_board_is_named(bench):
    refuse_to_start(bench, ['nowhere/board.toml'], board='/nowhere/board.toml')


@test
def a_bad_board_file_is_named_with_the_key(bench):
    path = bench.place.path('boards') / 'board.toml'
    path.write_text('name = "bad"\n[memory]\nmegabytes = "plenty"\n')
    refuse_to_start(bench, ['megabytes'], board=path)


@test
def a_missing_interface_is_named(bench):
    """The office's namespace has no wan0."""
    refuse_to_start(bench, ['wan'], room='office')


@test
def missing_rights_are_named(bench):
    def change(box):
        made = bench.lab.certificates['gateway-ec']
        box.write_settings(**{'tls.certificates': [{'names': [], 'chain': made['chain'], 'key': made['key']}]})
        run('chown', '-R', '65534:65534', box.directory)
    refuse_to_start(bench, ['root'], change, prefix=['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups',
                                                     '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'])


@test
def a_missing_certificate_is_named(bench):
    gone = '/nowhere/chain.pem'

    def change(box):
        key = bench.lab.certificates['gateway-ec']['key']
        box.write_settings(**{'tls.certificates': [{'names': [], 'chain': gone, 'key': key}]})
    refuse_to_start(bench, [gone], change)


@test
def a_key_that_does_not_fit_its_certificate_is_named(bench):
    def change(box):
        made = bench.lab.certificates
        box.write_settings(**{'tls.certificates': [{'names': [], 'chain': made['gateway-ec']['chain'], 'key': made['office']['key']}]})
    refuse_to_start(bench, ['key does not belong'], change)


@test
def a_spool_that_cannot_be_made_is_named(bench):
    refuse_to_start(bench, ['/proc/nowhere'], setting(spool__directory='/proc/nowhere'))


@test
def too_few_hugepages_are_named_with_the_remedy(bench):
    path = bench.place.path('boards') / 'huge.toml'
    path.write_text(gateway.BOARD.read_text().replace('hugepages = false', 'hugepages = true').replace('megabytes = 512', 'megabytes = 900000'))
    refuse_to_start(bench, ['hugepages'], board=path)


@test
def no_network_addresses_is_an_error(bench):
    refuse_to_start(bench, ['interface.wan.addresses'], lambda box: box.write_settings(**{'interface.wan.addresses': ['192.0.2.999/24']}))


@test
def two_of_us_in_one_place_is_an_error(bench):
    """A second control with the same run directory says so and leaves the first alone."""
    with bench.box() as box:
        done = subprocess.run(bench.network.inside('gateway', *box.command_line()), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
        check(done.returncode not in (0, None), f'{done.stdout!r}')
        check(box.process.poll() is None, 'the first one lives')
        check(bench.load('--total', 2, '--connections', 1)['accepted'] == 2, 'and mail flows')
