/* global RED, $, window, document */
/** What the dialogs of the face nodes share. */
window.mtcnnEditor = window.mtcnnEditor || {
  /**
   * A validator for numbers, which says the range in words.
   * @param {string} type node type, whose locale file has the words
   * @param {{whole?: boolean, zero?: boolean}} options whole numbers only; 0 allowed beside the range
   */
  between(type, least, greatest, options = {}) {
    // Two parameters: the editor takes a text for the reason only from such a validator.
    const key = `${type}.error.${options.zero ? 'rangeOrZero' : 'range'}`;
    const explain = (node) => node._def._(key, { least, greatest });
    const validate = function (value, _settings) {
      // A flow of an older version does not have the field: the default holds.
      if (value === undefined) return true;
      const number = Number(value);
      const typed = value !== '' && value !== null;
      const inside = (number >= least && number <= greatest) || (options.zero && number === 0);
      if (!typed || !inside) return explain(this);
      return !options.whole || Number.isInteger(number) || this._def._(`${type}.error.whole`);
    };
    validate.range = { least: options.zero ? 0 : least, greatest, explain };
    return validate;
  },

  /**
   * Prepares the fields of an open dialog: writes the range beside each number and gives it to the browser; a field that
   * a flow of an older version does not have gets its default.
   */
  prepareFields(node) {
    const prefix = node._def.category === 'config' ? '#node-config-input-' : '#node-input-';
    for (const [name, { value, validate }] of Object.entries(node._def.defaults)) {
      if (node[name] === undefined) {
        const field = $(prefix + name);
        if (field.is(':checkbox')) field.prop('checked', value);
        else field.val(value);
      }
      if (!validate || !validate.range) continue;
      const { least, greatest, explain } = validate.range;
      const input = $(prefix + name).attr({ min: least, max: greatest });
      const row = input.closest('.form-row');
      const words = row.find('.mtcnn-range');
      if (words.length > 0) words.text(`${words.text()} × ${explain(node)}`);
      else
        $('<span class="mtcnn-range">')
          .text(explain(node))
          .insertAfter(row.find('.mtcnn-unit, input').last());
    }
  },

  /**
   * Draws zones with the mouse on the newest picture of a node.
   * @param box an empty element, @param field the input that keeps the zones as JSON
   */
  zones(box, field, node) {
    const word = (key) => node._(`face-filter.zone.${key}`);
    let zones = [];
    try {
      zones = JSON.parse(field.val() || '[]');
    } catch {
      // drawn anew
    }
    let open;
    const svgOf = (name, attributes) => {
      const element = document.createElementNS('http://www.w3.org/2000/svg', name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      return element;
    };
    const svg = svgOf('svg', {
      viewBox: '0 0 1000 750',
      preserveAspectRatio: 'none',
      class: 'mtcnn-zone-picture',
      role: 'img',
    });
    const image = svgOf('image', { width: 1000, height: 750, preserveAspectRatio: 'none' });
    const hint = $('<p class="mtcnn-below mtcnn-hint">').text(word('hint'));
    const bar = $('<div>');
    box.append(svg, hint, bar);

    const draw = () => {
      svg.replaceChildren(image);
      for (const { kind, points } of open ? [...zones, open] : zones) {
        const corners = points.map(([x, y]) => `${x * 1000},${y * 750}`).join(' ');
        svg.append(svgOf('polygon', { points: corners, class: `mtcnn-zone-${kind}` }));
        for (const [x, y] of points)
          svg.append(svgOf('circle', { cx: x * 1000, cy: y * 750, r: 7, class: `mtcnn-zone-${kind}` }));
      }
      // Fewer than three corners make no zone.
      const whole = [...zones, ...(open && open.points.length > 2 ? [open] : [])];
      field.val(whole.length > 0 ? JSON.stringify(whole) : '');
    };
    const close = () => {
      if (open && open.points.length > 2) zones.push(open);
      open = undefined;
    };
    const add = (kind) => () => {
      close();
      open = { kind, points: [] };
      draw();
    };
    const undo = () => {
      if (open && open.points.length > 0) open.points.pop();
      else if (open) open = undefined;
      else zones.pop();
      draw();
    };
    const clear = () => {
      zones = [];
      open = undefined;
      draw();
    };
    const finish = () => {
      close();
      draw();
    };
    const actions = [
      ['include', add('include')],
      ['exclude', add('exclude')],
      ['close', finish],
      ['undo', undo],
      ['clear', clear],
    ];
    for (const [key, action] of actions) {
      $('<button type="button" class="red-ui-button red-ui-button-small">')
        .attr('id', `mtcnn-zone-${key}`)
        .text(word(key))
        .on('click', action)
        .appendTo(bar);
    }
    svg.addEventListener('click', (event) => {
      const frame = svg.getBoundingClientRect();
      const share = (value, from, size) =>
        Math.min(1, Math.max(0, Number(((value - from) / size).toFixed(4))));
      open = open || { kind: 'include', points: [] };
      open.points.push([
        share(event.clientX, frame.left, frame.width),
        share(event.clientY, frame.top, frame.height),
      ]);
      draw();
    });
    const source = `mtcnn/picture/${encodeURIComponent(node.id)}?${Date.now()}`;
    $('<img alt="">')
      .on('load', function () {
        svg.style.aspectRatio = `${this.naturalWidth} / ${this.naturalHeight}`;
        image.setAttribute('href', source);
      })
      .on('error', () => hint.text(`${word('hint')} ${word('none')}`))
      .attr('src', source);
    draw();
  },

  /** The pictures below the face views in the workspace. */
  views: {
    /** The newest picture of each face view: gone with its node. */
    pictures: new WeakMap(),

    start() {
      if (this.listener) return;
      this.listener = (topic, data) => this.show(topic.split('/')[1], data);
      RED.comms.subscribe('face-view/#', this.listener);
      // The workspace makes its nodes anew, at a change of tab for one, and tells of each that it has drawn.
      RED.hooks.add('viewRedrawNode.mtcnn-view', ({ node, el }) => {
        if (node.type === 'face-view') this.draw(node, el);
      });
    },

    stop() {
      if (!this.listener) return;
      RED.comms.unsubscribe('face-view/#', this.listener);
      RED.hooks.remove('viewRedrawNode.mtcnn-view');
      $('.mtcnn-view').remove();
      this.pictures = new WeakMap();
      this.listener = undefined;
    },

    show(id, data) {
      const node = RED.nodes.node(id);
      if (!node) return;
      if (data.cleared) this.pictures.delete(node);
      else this.pictures.set(node, data);
      const element = document.getElementById(id); // there only while its tab is
      if (element) this.draw(node, element);
    },

    /** Puts the newest picture below its node, under the line of its status. */
    draw(node, element) {
      const data = node.inEditor ? this.pictures.get(node) : undefined;
      let image = element.querySelector('.mtcnn-view');
      if (!data) {
        if (image) image.remove();
        return;
      }
      if (!image) {
        image = document.createElementNS('http://www.w3.org/2000/svg', 'image');
        image.setAttribute('class', 'mtcnn-view');
        image.style.pointerEvents = 'none';
        element.appendChild(image);
      }
      const width = Number(node.width);
      image.setAttribute('y', node.h + 18);
      image.setAttribute('width', width);
      image.setAttribute('height', data.width ? (width * data.height) / data.width : (width * 3) / 4);
      if (image.getAttribute('href') !== data.image) image.setAttribute('href', data.image);
    },
  },
};
