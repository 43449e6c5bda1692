// A table with a caption for those who cannot see it, and room to scroll sideways where it must.
import type { ComponentChildren } from 'preact';
import { t } from '../lib/words';
import { Empty } from './basics';

export interface Column<Row> {
  name: string;
  cell: (row: Row) => ComponentChildren;
  number?: boolean;
  head?: boolean; // names the row
}

interface Choice {
  chosen: Set<string>;
  change: (chosen: Set<string>) => void;
  name: (id: string) => string;
}

interface Props<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  id: (row: Row) => string;
  empty?: ComponentChildren;
  choice?: Choice;
}

export function Table<Row>({ caption, columns, rows, id, empty, choice }: Props<Row>) {
  if (rows.length === 0) return <Empty>{empty ?? t('nothing')}</Empty>;
  const ids = rows.map(id);
  const all = choice && ids.every((one) => choice.chosen.has(one));
  const toggle = (one: string) => {
    const next = new Set(choice!.chosen);
    if (!next.delete(one)) next.add(one);
    choice!.change(next);
  };
  return (
    <div class="table-box" tabIndex={0} role="group" aria-label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {choice && (
              <th scope="col">
                <input type="checkbox" aria-label={t('choose.all')} checked={all} onChange={() => choice.change(new Set(all ? [] : ids))} />
              </th>
            )}
            {columns.map((column) => (
              <th key={column.name} scope="col" class={column.number ? 'number' : undefined}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={id(row)}>
              {choice && (
                <td>
                  <input type="checkbox" aria-label={choice.name(id(row))} checked={choice.chosen.has(id(row))} onChange={() => toggle(id(row))} />
                </td>
              )}
              {columns.map((column) =>
                column.head ? (
                  <th key={column.name} scope="row" class="wrap">
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.name} class={column.number ? 'number' : 'wrap'}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
