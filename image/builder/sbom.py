"""The list of what is inside, as CycloneDX 1.4: every package with its version and source, every module, every file's owner."""
import hashlib
import pathlib

from image.builder import debian


def purl(name, version, architecture):
    return f'pkg:deb/debian/{name}@{version}?arch={architecture}'


def package(name, paths):
    _, version, source, source_version, architecture = debian.facts(name)
    short = name.partition(':')[0]
    return {'type': 'library', 'bom-ref': purl(short, version, architecture), 'name': short, 'version': version,
            'purl': purl(short, version, architecture),
            'properties': [{'name': 'debian:source', 'value': f'{source} {source_version}'}] +
                          [{'name': 'postern:file', 'value': path} for path in sorted(paths)]}


def component(name, version, kind, properties):
    return {'type': kind, 'bom-ref': f'{name}@{version}', 'name': name, 'version': version,
            'properties': [{'name': key, 'value': value} for key, value in properties]}


def make(root, kernel, inside, modules, built_in, version, board, commit):
    by_package = {}
    for path, _, owner in root.contents:
        if owner:
            by_package.setdefault(owner, []).append(path)
    ours = [(path, hashlib.sha256((root.tree / path.lstrip('/')).read_bytes()).hexdigest())
            for path, kind, _ in sorted(root.contents) if kind == 'postern']
    components = [package(name, paths) for name, paths in sorted(by_package.items())]
    components.append(component(kernel.package, kernel.version, 'operating-system',
                                [('postern:module', name) for name in sorted(modules)]))
    for name in built_in:
        _, package_version, source, source_version, _ = debian.facts(name)
        components.append(component(name, package_version, 'library', [('debian:source', f'{source} {source_version}'),
                                                                       ('postern:use', 'in the boot files or linked statically')]))
    for name, own_version in inside:
        components.append(component(name, own_version, 'library', [('postern:use', "linked statically, built from Debian's source package")]))
    components.append(component('postern', version, 'firmware', [('postern:commit', commit)] +
                                [('postern:file', f'{path} sha256:{digest}') for path, digest in ours]))
    return {'bomFormat': 'CycloneDX', 'specVersion': '1.4', 'version': 1,
            'metadata': {'component': {'type': 'firmware', 'name': f'postern-{board}', 'version': version}},
            'components': components}
