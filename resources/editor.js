/* global RED, $, window, document, Image, FileReader, setInterval, clearInterval */
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

  /** The name of a type of node in the palette. */
  paletteLabel(type) {
    return function () {
      return this._(`${type}.palette`);
    };
  },

  /** The name of a node in the workspace: its own, or that of its type. */
  label(type) {
    return function () {
      return this.name || this._(`${type}.palette`);
    };
  },

  /** A name of its own is in italics, as in Node-RED's own nodes. */
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },

  /** Makes fields of an open dialog choose message properties. */
  messageProperties(...names) {
    for (const name of names) $(`#node-input-${name}`).typedInput({ types: ['msg'] });
  },

  /** An SVG element with its attributes. */
  svgOf(name, attributes) {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
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

  /** The newest picture of a node: `{url, width, height}`, or nothing. */
  picture(node, width, take) {
    $.getJSON(`mtcnn/picture/${encodeURIComponent(node.id)}`, { width }, ({ image }) =>
      this.measure(image, take),
    );
  },

  /** Size of a picture that is a data URL. */
  measure(url, take) {
    if (!url) return take();
    const picture = new Image();
    picture.onload = () => take({ url, width: picture.naturalWidth, height: picture.naturalHeight });
    picture.onerror = () => take();
    picture.src = url;
    return undefined;
  },

  /**
   * Live tuning: the values of an open dialog tried on the newest picture of its node, or on an uploaded one.
   * @param box an empty element, @param values the fields' values as options of the detector
   */
  tuning(box, node, values) {
    const word = (key, data) => node._(`mtcnn-detect.tuning.${key}`, data);
    const { svgOf } = this;
    const svg = svgOf('svg', { class: 'mtcnn-tuning-picture', role: 'img' });
    const line = $('<p id="mtcnn-tuning-line" class="mtcnn-below mtcnn-hint" role="status">').text(
      word('waiting'),
    );
    const bar = $('<div>');
    box.append(svg, line, bar);
    let picture;
    let frozen = false;
    let busy = false;
    let again = false;

    const draw = (detection) => {
      svg.setAttribute('viewBox', `0 0 ${picture.width} ${picture.height}`);
      svg.replaceChildren(
        svgOf('image', { href: picture.url, width: picture.width, height: picture.height }),
      );
      const unit = picture.width / 320;
      const drawBox = ([x, y, width, height], text, kind) => {
        const line = { class: `mtcnn-tuning-${kind}`, 'stroke-width': 1.5 * unit };
        const place = { x, y: y - 3 * unit, 'font-size': 11 * unit };
        const label = svgOf('text', { class: `mtcnn-tuning-${kind}-label`, ...place });
        label.textContent = text;
        svg.append(svgOf('rect', { x, y, width, height, ...line }), label);
      };
      const percent = (confidence) => `${Math.round(confidence * 100)}%`;
      const stages = { refine: 'R-Net', output: 'O-Net' };
      for (const { box: rejected, confidence, stage } of detection.rejected)
        drawBox(rejected, `${stages[stage]} ${percent(confidence)}`, 'rejected');
      for (const { box: face, confidence } of detection.faces) drawBox(face, percent(confidence), 'face');
      const { proposal, refine, output } = detection.candidates;
      const ms = Math.round(detection.durationMs.total - detection.durationMs.decode);
      line.text(word('line', { proposal, refine, output, ms, engine: detection.engine }));
      svg.dataset.faces = detection.faces.length;
      svg.dataset.rejected = detection.rejected.length;
    };

    // One request at a time; of the values that change meanwhile the newest are tried next.
    const attempt = () => {
      if (!picture) return;
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      again = false;
      $.ajax({
        url: `mtcnn/try/${encodeURIComponent(node.id)}`,
        method: 'POST',
        contentType: 'application/json',
        data: JSON.stringify({ image: picture.url, options: values() }),
      })
        .done((answer) => {
          if (answer.faces) draw(answer);
          else line.text(answer.problem || word('undeployed'));
        })
        .fail(({ status }) => line.text(word(status === 413 ? 'tooLarge' : 'lost')))
        .always(() => {
          busy = false;
          if (again) attempt();
        });
    };
    const show = (next) => {
      if (!next) return;
      picture = next;
      attempt();
    };
    const look = () => {
      if (!frozen) this.picture(node, 1920, show);
    };
    const freeze = $(
      '<button type="button" id="mtcnn-freeze" class="red-ui-button red-ui-button-small">',
    ).text(word('freeze'));
    const setFrozen = (value) => {
      frozen = value;
      freeze.text(word(frozen ? 'unfreeze' : 'freeze')).attr('aria-pressed', frozen);
    };
    freeze.on('click', () => setFrozen(!frozen));
    const file = $('<input type="file" accept="image/*" id="mtcnn-upload">').attr(
      'aria-label',
      word('upload'),
    );
    file.on('change', () => {
      const [chosen] = file[0].files;
      if (!chosen) return;
      const reader = new FileReader();
      reader.onload = () => {
        setFrozen(true);
        this.measure(reader.result, show);
      };
      reader.readAsDataURL(chosen);
    });
    bar.append(freeze, ' ', file);
    look();
    const clock = setInterval(() => {
      if (!document.contains(svg)) clearInterval(clock);
      else look();
    }, 1000);
    return attempt;
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
    const { svgOf } = this;
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
    this.picture(node, 480, (picture) => {
      if (!picture) hint.text(`${word('hint')} ${word('none')}`);
      else {
        svg.style.aspectRatio = `${picture.width} / ${picture.height}`;
        image.setAttribute('href', picture.url);
      }
    });
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
        image = window.mtcnnEditor.svgOf('image', { class: 'mtcnn-view' });
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
