// Draws the people and the room of the test scene as vector art and writes them as PNG pictures:
//   node scripts/draw-scene.mjs
// Output: src/camera/test-scene/{room,anna,ben,carla,dev,dev-back}.png
//
// A face is drawn around (0, 0): 176 wide, 232 high. What P-Net, R-Net and O-Net look for is there, as soft as in a
// photograph: shaded skin, hair, brows, eyes with whites and pupils, a nose with nostrils, lips.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

const target = path.resolve(import.meta.dirname, '../src/camera/test-scene');

/** A person is drawn in a window of the drawing's units from (-LEFT, -TOP), and stored at SCALE. */
const LEFT = 170;
const TOP = 190;
const WIDTH = 340;
const HEIGHT = 520;
const SCALE = 0.75;
/** Units of the soft focus that makes drawn edges look like a lens'. */
const BLUR = 1.6;

const people = {
  anna: {
    skin: ['#f6d3b8', '#e3ab88', '#b27a58'],
    hair: '#6b3a1e',
    brow: '#54301a',
    iris: '#4a6a3a',
    lips: ['#b8574f', '#7c2f2f'],
    shirt: '#7a3550',
    long: true,
    cheeks: 0.4,
  },
  ben: {
    skin: ['#a9714b', '#8a5634', '#5b3620'],
    hair: '#17110d',
    brow: '#140d09',
    iris: '#23140b',
    lips: ['#84453a', '#4b211b'],
    shirt: '#d2b45a',
    beard: 0.5,
    cheeks: 0.15,
  },
  carla: {
    skin: ['#efc6a6', '#d59b76', '#a06846'],
    hair: '#c9c4bd',
    brow: '#7d766f',
    iris: '#3b5873',
    lips: ['#a4504c', '#6b2b2b'],
    shirt: '#2f5d62',
    bun: true,
    lines: true,
    cheeks: 0.35,
  },
  dev: {
    skin: ['#d9a074', '#b97d52', '#7d4e2f'],
    hair: '#241a14',
    brow: '#1d130d',
    iris: '#3a2212',
    lips: ['#9c4d43', '#5f2722'],
    shirt: '#3e4f86',
    tuft: true,
    cheeks: 0.25,
  },
};

function body(p) {
  return `
  <path d="M-165 420 V340 C-155 190 -85 168 -46 140 L46 140 C85 168 155 190 165 340 V420Z" fill="${p.shirt}"/>
  <path d="M-46 140 Q0 196 46 140 L40 176 Q0 214 -40 176Z" fill="#000" opacity=".18"/>
  <path d="M-40 70 L40 70 L44 146 Q0 190 -44 146Z" fill="${p.skin[2]}"/>
  <path d="M-40 84 Q0 140 40 84 L42 112 Q0 152 -42 112Z" fill="#000" opacity=".22"/>`;
}

function hairBehind(p) {
  if (p.long) {
    return `<path d="M-108 -20 C-120 -160 120 -160 108 -20 C116 60 122 130 98 178 Q0 200 -98 178 C-122 130 -116 60 -108 -20Z" fill="${p.hair}"/>`;
  }
  const bun = p.bun ? `<circle cx="0" cy="-146" r="34" fill="${p.hair}"/>` : '';
  return `${bun}<ellipse cx="0" cy="-32" rx="100" ry="114" fill="${p.hair}"/>`;
}

function hairInFront(p) {
  if (p.long) {
    return `<path d="M-94 10 C-104 -130 -20 -142 8 -136 C70 -140 106 -90 94 10 C88 -40 74 -70 20 -92 C-20 -64 -80 -60 -94 10Z" fill="${p.hair}"/>`;
  }
  if (p.bun) {
    return `<path d="M-92 -18 C-92 -128 92 -128 92 -18 C80 -78 50 -98 0 -98 C-50 -98 -80 -78 -92 -18Z" fill="${p.hair}"/>`;
  }
  const tuft = p.tuft
    ? `<path d="M-60 -96 C-40 -150 40 -160 84 -112 C60 -108 20 -100 -60 -96Z" fill="${p.hair}"/>`
    : '';
  return `${tuft}<path d="M-91 -24 C-86 -122 86 -122 91 -24 C84 -52 78 -66 62 -80 C30 -92 -30 -92 -62 -80 C-78 -66 -84 -52 -91 -24Z" fill="${p.hair}"/>`;
}

function eye(x, p) {
  return `
  <g filter="url(#soft)"><ellipse cx="${x}" cy="-18" rx="22" ry="13" fill="${p.skin[2]}" opacity=".6"/></g>
  <ellipse cx="${x}" cy="-16" rx="15.5" ry="8" fill="#f3eee8"/>
  <circle cx="${x}" cy="-16" r="7.8" fill="${p.iris}"/><circle cx="${x}" cy="-16" r="4" fill="#0c0705"/>
  <circle cx="${x + 2.6}" cy="-19" r="1.7" fill="#fff" opacity=".8"/>
  <path d="M${x - 17} -17 Q${x} -30 ${x + 17} -17" stroke="#1b100a" stroke-width="4" fill="none"/>
  <path d="M${x - 13} -9 Q${x} -4 ${x + 13} -9" stroke="${p.skin[2]}" stroke-width="2.4" fill="none" opacity=".8"/>`;
}

function face(p) {
  const brow = (side) =>
    `<path d="M${side * 60} -36 Q${side * 38} -51 ${side * 15} -38" stroke="${p.brow}" stroke-width="7.5" stroke-linecap="round" fill="none"/>`;
  const cheek = (side) =>
    `<ellipse cx="${side * 52}" cy="32" rx="21" ry="25" fill="#e0806a" opacity="${p.cheeks}" filter="url(#softer)"/>`;
  const beard = p.beard
    ? `<path d="M-84 18 C-82 70 -56 116 0 117 C56 116 82 70 84 18 C70 60 46 42 32 46 Q0 40 -32 46 C-46 42 -70 60 -84 18Z" fill="${p.hair}" opacity="${p.beard}" filter="url(#soft)"/>`
    : '';
  const lines = p.lines
    ? `<g stroke="${p.skin[2]}" stroke-width="2.6" fill="none" opacity=".6"><path d="M-26 26 Q-42 44 -44 62"/><path d="M26 26 Q42 44 44 62"/><path d="M-40 -66 Q0 -72 40 -66"/><path d="M-34 -78 Q0 -83 34 -78"/></g>`
    : '';
  return `
  <ellipse cx="-88" cy="4" rx="14" ry="26" fill="${p.skin[2]}"/><ellipse cx="88" cy="4" rx="14" ry="26" fill="${p.skin[2]}"/>
  <path d="M-88 -10 C-90 -130 90 -130 88 -10 C88 60 52 116 0 117 C-52 116 -88 60 -88 -10Z" fill="url(#skin)"/>
  ${beard}${lines}${cheek(-1)}${cheek(1)}
  ${eye(-36, p)}${eye(36, p)}${brow(-1)}${brow(1)}
  <path d="M-8 -10 C-12 15 -22 29 -15 36 Q0 45 15 36 C22 29 12 15 8 -10" fill="${p.skin[1]}" opacity=".85"/>
  <path d="M-3 -6 Q-5 16 -3 28" stroke="${p.skin[0]}" stroke-width="5" opacity=".7" fill="none"/>
  <ellipse cx="-9" cy="36.5" rx="5" ry="3" fill="${p.skin[2]}"/><ellipse cx="9" cy="36.5" rx="5" ry="3" fill="${p.skin[2]}"/>
  <path d="M-15 36 Q0 46 15 36" stroke="${p.skin[2]}" stroke-width="2.6" fill="none" opacity=".8"/>
  <path d="M-32 64 Q-10 55 0 59 Q10 55 32 64 Q0 85 -32 64Z" fill="${p.lips[0]}"/>
  <path d="M-32 64 Q0 70 32 64" stroke="${p.lips[1]}" stroke-width="3" fill="none"/>
  <ellipse cx="0" cy="88" rx="22" ry="6" fill="${p.skin[2]}" opacity=".35" filter="url(#soft)"/>`;
}

function person(p, turned) {
  const head = turned
    ? `${hairBehind(p)}<path d="M-92 -20 C-92 -140 92 -140 92 -20 C92 50 60 100 0 104 C-60 100 -92 50 -92 -20Z" fill="${p.hair}"/>
       <path d="M-60 -90 Q0 -130 60 -90" stroke="#fff" stroke-width="14" opacity=".08" fill="none"/>`
    : `${face(p)}${hairInFront(p)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH * SCALE}" height="${HEIGHT * SCALE}" viewBox="${-LEFT} ${-TOP} ${WIDTH} ${HEIGHT}">
  <defs>
    <radialGradient id="skin" cx=".42" cy=".38" r=".75">
      <stop offset="0" stop-color="${p.skin[0]}"/><stop offset=".65" stop-color="${p.skin[1]}"/><stop offset="1" stop-color="${p.skin[2]}"/>
    </radialGradient>
    <filter id="soft"><feGaussianBlur stdDeviation="2"/></filter>
    <filter id="softer"><feGaussianBlur stdDeviation="6"/></filter>
    <filter id="lens" x="-5%" y="-5%" width="110%" height="110%"><feGaussianBlur stdDeviation="${BLUR}"/></filter>
  </defs>
  <g filter="url(#lens)">${turned ? '' : hairBehind(p)}${body(p)}${head}</g></svg>`;
}

const room = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480">
  <defs>
    <linearGradient id="wall" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#b9c4c2"/><stop offset="1" stop-color="#8f9d9f"/></linearGradient>
    <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#a9cbe6"/><stop offset="1" stop-color="#e6eef0"/></linearGradient>
    <radialGradient id="glow"><stop offset="0" stop-color="#fff3d0" stop-opacity=".85"/><stop offset="1" stop-color="#fff3d0" stop-opacity="0"/></radialGradient>
    <filter id="b"><feGaussianBlur stdDeviation="1.8"/></filter>
  </defs>
  <rect width="640" height="480" fill="url(#wall)"/>
  <rect y="330" width="640" height="150" fill="#8a6a4c"/>
  <g filter="url(#b)">
    <rect y="322" width="640" height="10" fill="#e8e4da"/>
    <g stroke="#6f5238" stroke-width="2" opacity=".5"><path d="M0 370H640M0 415H640M0 460H640"/></g>
    <rect x="40" y="36" width="190" height="170" fill="#f2efe8"/><rect x="50" y="46" width="170" height="150" fill="url(#sky)"/>
    <path d="M50 160 Q90 130 130 158 Q170 120 220 150 V196 H50Z" fill="#7f9f72"/>
    <path d="M135 46V196M50 121H220" stroke="#f2efe8" stroke-width="7"/>
    <rect x="300" y="60" width="96" height="72" fill="#4b3a2c"/><rect x="308" y="68" width="80" height="56" fill="#d8c9a4"/>
    <path d="M308 112 L336 84 L356 104 L370 92 L388 112 V124 H308Z" fill="#6d8a8c"/>
    <rect x="470" y="70" width="130" height="9" fill="#6a4b33"/>
    <rect x="482" y="30" width="15" height="40" fill="#8d3f3a"/><rect x="499" y="36" width="13" height="34" fill="#39566b"/><rect x="514" y="26" width="17" height="44" fill="#c39b4b"/><rect x="533" y="38" width="12" height="32" fill="#4f6b4a"/>
    <path d="M566 70 q-14 -30 8 -38 q20 8 8 38z" fill="#5f7f4f"/><rect x="560" y="58" width="28" height="14" fill="#b46f4a"/>
    <rect x="598" y="150" width="6" height="190" fill="#3d3a38"/><path d="M572 154 L590 108 H614 L632 154Z" fill="#f0e2b8"/>
  </g>
  <circle cx="602" cy="140" r="120" fill="url(#glow)"/>
</svg>`;

mkdirSync(target, { recursive: true });
const write = (name, svg) =>
  sharp(Buffer.from(svg))
    .png({ compressionLevel: 9, effort: 10 })
    .toFile(path.join(target, `${name}.png`));
await write('room', room);
for (const [name, look] of Object.entries(people)) await write(name, person(look, false));
await write('dev-back', person(people.dev, true));
