/**
 * The assignment of rows to columns with the least total cost, each used once at most: the Hungarian method with
 * shortest augmenting paths (Jonker and Volgenant 1987, doi:10.1007/BF02278710), O(n^3).
 *
 * Forbidden pairs cost `Infinity`. As many pairs as possible are made first, and among those the cheapest.
 * @param costs rows of equal length, each cost at least 0
 * @returns for each row its column, or -1
 */
export function assign(costs: readonly (readonly number[])[]): number[] {
  const rows = costs.length;
  const columns = costs[0]?.length ?? 0;
  const size = Math.max(rows, columns);
  // Dearer than all that is allowed together: a forbidden pair is made only where no allowed one is left.
  let forbidden = 1;
  for (const row of costs) for (const cost of row) if (cost !== Infinity) forbidden += cost;
  const cost = (row: number, column: number) => Math.min(costs[row]?.[column] ?? forbidden, forbidden);

  // Potentials and matches, counted from 1; column 0 holds the row that looks for one.
  const ofRow = new Float64Array(size + 1);
  const ofColumn = new Float64Array(size + 1);
  const rowOf = new Int32Array(size + 1);
  const before = new Int32Array(size + 1);
  for (let row = 1; row <= size; row++) {
    rowOf[0] = row;
    let column = 0;
    const least = new Float64Array(size + 1).fill(Infinity);
    const seen = new Uint8Array(size + 1);
    do {
      seen[column] = 1;
      const current = rowOf[column]!;
      let delta = Infinity;
      let next = 0;
      for (let other = 1; other <= size; other++) {
        if (seen[other] === 1) continue;
        const reduced = cost(current - 1, other - 1) - ofRow[current]! - ofColumn[other]!;
        if (reduced < least[other]!) {
          least[other] = reduced;
          before[other] = column;
        }
        if (least[other]! < delta) {
          delta = least[other]!;
          next = other;
        }
      }
      for (let other = 0; other <= size; other++) {
        if (seen[other] === 1) {
          ofRow[rowOf[other]!]! += delta;
          ofColumn[other]! -= delta;
        } else least[other]! -= delta;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      const from = before[column]!;
      rowOf[column] = rowOf[from]!;
      column = from;
    }
  }

  const columnOf = Array.from({ length: rows }, () => -1);
  for (let column = 1; column <= columns; column++) {
    const row = rowOf[column]! - 1;
    if (row < rows && cost(row, column - 1) < forbidden) columnOf[row] = column - 1;
  }
  return columnOf;
}
