"""What the box is told so that its internet is the lab's: its routes, whom it relays for, roots, anchor and authorities."""
from tools.lab.internet import zones
from tools.lab.network import NET4, NET6, OFFICE4, OFFICE6

LATER, PAST = '2036-01-01', '2020-01-01'


def settings(world, directory):
    """Settings besides those of a box that only takes mail in."""
    return {
        'interface.wan.gateway4': NET4, 'interface.wan.gateway6': NET6,
        'submission.networks': [f'{OFFICE4}/32', f'{OFFICE6}/128'],
        'resolver.roots': [f'{zones.ROOT4}:53'], 'resolver.trust_anchor': world.names.anchor,
        'resolver.https_anchors': world.chains.roots, 'tls.trust_anchors': world.chains.roots,
        'resolver.private_policy_hosts': True, 'resolver.directory': directory,
        'resolver.negative_anchors': [f'{placed.row.domain} {LATER if placed.row.anchor == "now" else PAST}'
                                      for placed in world.rows if placed.row.anchor],
        'resolver.least_ttl': '1s', 'resolver.failed_time': '2s', 'resolver.sts_retry': '2s',
        'resolver.dns_deadline': '15s', 'resolver.deadline': '20s',
        'outbound.retry_first': '1s', 'outbound.retry_most': '4s', 'outbound.connect_timeout': '4s',
    }


def overrides(rows):
    """What the operator says about single destinations."""
    told = [(placed.row.domain, *placed.row.override) for placed in rows if placed.row.override]
    return {'outbound.overrides': [f'{domain} {"instead" if level == "opportunistic" else "at-least"} {level} '
                                   f'{LATER if when == "later" else PAST} the lab says so' for domain, level, when in told]}
