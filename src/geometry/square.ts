import { STRIDE, type Boxes } from './boxes';

/** Each box as the square around its centre whose side is the longer one, as R-Net and O-Net expect; new array. */
export function toSquares(boxes: Boxes): Boxes {
  const squares = boxes.slice();
  for (let at = 0; at < squares.length; at += STRIDE) {
    const side = Math.max(squares[at + 2]! - squares[at]!, squares[at + 3]! - squares[at + 1]!);
    const x = (squares[at]! + squares[at + 2]!) / 2 - side / 2;
    const y = (squares[at + 1]! + squares[at + 3]!) / 2 - side / 2;
    squares[at] = x;
    squares[at + 1] = y;
    squares[at + 2] = x + side;
    squares[at + 3] = y + side;
  }
  return squares;
}
