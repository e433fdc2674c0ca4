// What was measured: a list of {name, unit, lanescope, peer, peer_name, ratio, note}, and its print.

export const median = (figures) => figures.toSorted((a, b) => a - b)[figures.length >> 1];

/** Measures each again and again, one after the other, and gives the median of each; null if there is none. */
export async function alternate(runs, measures) {
  const figures = new Map(Object.keys(measures).map((name) => [name, []]));
  for (let run = 0; run < runs; run += 1) {
    for (const [name, measure] of Object.entries(measures)) figures.get(name).push(await measure());
  }
  return Object.fromEntries([...figures].map(([name, list]) => [name, list.includes(null) ? null : median(list)]));
}

export class Table {
  rows = [];

  /**
   * A row: Lanescope's figure and a peer's, null where there is none. `most` is what the ratio is wanted
   * to be at most.
   */
  row(name, unit, lanescope, peer = null, peer_name = null, { most, note = '' } = {}) {
    const ratio = lanescope === null || peer === null ? null : lanescope / peer;
    const notes = [
      lanescope === null && 'not built',
      most !== undefined && ratio !== null && (ratio <= most ? `at most ${most}` : `SHORT of at most ${most}`),
      note,
    ];
    this.rows.push({ name, unit, lanescope, peer, peer_name, ratio, note: notes.filter(Boolean).join('; ') });
  }

  toString() {
    const figure = (number) => (number === null ? '' : number.toLocaleString('en', { maximumSignificantDigits: 3 }));
    const lines = this.rows.map(({ name, unit, lanescope, peer, peer_name, ratio, note }) => (
      [name, unit, figure(lanescope), figure(peer), peer_name ?? '', figure(ratio), note]));
    lines.unshift(['', 'unit', 'Lanescope', 'peer', 'peer is', 'ratio', 'note']);
    const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
    const isFigure = (column) => [2, 3, 5].includes(column);
    return lines.map((line) => line.map((cell, column) => (isFigure(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join('  ').trimEnd()).join('\n');
  }
}
