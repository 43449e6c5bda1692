// The box itself: its name, the domains it serves, where their mail goes, and the addresses of its ports.
import { ApiFault, call } from '../api/client';
import { tell } from '../lib/notice';
import { named, t } from '../lib/words';
import { Button } from '../ui/basics';
import { fields_of, lines_of, text_of, type Field, type Values } from '../ui/fields';
import { Form } from '../ui/form';

interface Props {
  ports: string[];
  later: () => void;
  done: () => unknown;
}

export function SetupBox({ ports, later, done }: Props) {
  return (
    <>
      <p>{t('setup.box.text')}</p>
      <Form
        fields={[...common(), ...ports.flatMap(port_fields)]}
        act={t('setup.box.act')}
        submit={async (values) => {
          const made = await call('setupBox', {}, body_of(values, ports)).catch((fault: unknown) => {
            throw beside(fault, ports);
          });
          if (!made.committed) throw beside(new ApiFault(422, 'faults', t('setup.refused'), made.faults.map((one) => ({ name: one.field, text: one.text }))), ports);
          tell(t('setup.ready', { n: made.generation ?? 0 }));
          for (const warning of made.warnings ?? []) tell(warning, 'info');
          await done();
        }}
        more={<Button onPress={later}>{t('setup.later')}</Button>}
      />
    </>
  );
}

function common(): Field[] {
  return fields_of(
    'setupBox',
    {
      host_name: { help: t('setup.host.help'), placeholder: 'mail.example.org' },
      domains: { help: t('setup.domains.help'), placeholder: 'example.org', rows: 2 },
      office_servers: { help: t('setup.office.help'), placeholder: '10.0.0.25:25', rows: 2 },
      recipients: { help: t('setup.recipients.help'), value: 'office' },
    },
    ['host_name', 'domains', 'office_servers', 'recipients'],
  );
}

function port_fields(port: string): Field[] {
  return [
    { name: `${port}.addresses`, label: t('setup.addresses', { port: named('port', port) }), help: t('setup.addresses.help'), kind: 'long', rows: 2 },
    { name: `${port}.gateway4`, label: t('setup.gateway4', { port: named('port', port) }), kind: 'text' },
    { name: `${port}.gateway6`, label: t('setup.gateway6', { port: named('port', port) }), kind: 'text' },
  ];
}

function body_of(values: Values, ports: string[]) {
  const interfaces = ports
    .map((port) => {
      const gateway4 = text_of(values, `${port}.gateway4`);
      const gateway6 = text_of(values, `${port}.gateway6`);
      return { port, addresses: lines_of(values, `${port}.addresses`), ...(gateway4 && { gateway4 }), ...(gateway6 && { gateway6 }) };
    })
    .filter((one) => one.addresses.length > 0);
  return {
    host_name: text_of(values, 'host_name'),
    domains: lines_of(values, 'domains'),
    office_servers: lines_of(values, 'office_servers'),
    recipients: text_of(values, 'recipients') as 'static' | 'office' | 'any',
    ...(interfaces.length > 0 && { interfaces }),
  };
}

// The box names settings and places in lists; each message goes to the field it is about.
const kOwners: [RegExp, string][] = [
  [/^domains(\.|$)/, 'domains'],
  [/^office([._]servers)/, 'office_servers'],
  [/^recipients/, 'recipients'],
];

function beside(fault: unknown, ports: string[]): unknown {
  if (!(fault instanceof ApiFault)) return fault;
  const owner = (name: string): string => {
    const place = /^interfaces\.(\d+)\.(\w+)/.exec(name);
    if (place) return `${ports[Number(place[1])] ?? ''}.${place[2]}`;
    const setting = /^interface\.(\w+)\.(\w+)/.exec(name);
    if (setting) return `${setting[1]}.${setting[2]}`;
    return kOwners.find(([form]) => form.test(name))?.[1] ?? name;
  };
  return new ApiFault(fault.status, fault.type, fault.message, fault.faults.map((one) => ({ name: owner(one.name), text: one.text })));
}
