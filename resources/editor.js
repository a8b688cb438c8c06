/* global RED, $, window, document */
/** What the dialogs of the face nodes share. */
window.mtcnnEditor = window.mtcnnEditor || {
  /**
   * A validator for numbers, which says the range in words.
   * @param {string} type node type, whose locale file has the words
   * @param {{whole?: boolean, zero?: boolean}} options whole numbers only; 0 allowed beside the range
   */
  between(type, least, greatest, options = {}) {
    const validate = function (value) {
      const number = Number(value);
      const typed = value !== '' && value !== null && value !== undefined;
      const inside = number >= least && number <= greatest && (!options.whole || Number.isInteger(number));
      if (typed && (inside || (options.zero && number === 0))) return true;
      return this._ ? this._(type + '.error.range', { least, greatest }) : false;
    };
    validate.range = { least, greatest, ...options };
    return validate;
  },

  /** Writes the range beside each number of an open dialog, and gives it to the browser. */
  explainRanges(node, type) {
    const prefix = node._def.category === 'config' ? '#node-config-input-' : '#node-input-';
    for (const [name, { validate }] of Object.entries(node._def.defaults)) {
      if (!validate || !validate.range) continue;
      const { least, greatest, zero } = validate.range;
      const input = $(prefix + name).attr({ min: zero ? 0 : least, max: greatest });
      const words = node._(type + '.error.range', { least, greatest });
      input.attr('title', input.attr('title') ? input.attr('title') + ': ' + words : words);
      if (input.siblings('.mtcnn-hint, .mtcnn-number').length === 0) {
        $('<span class="mtcnn-range">').text(words).appendTo(input.parent());
      }
    }
  },

  /** The pictures below the face views in the workspace. */
  views: {
    pictures: new Map(),

    start() {
      if (this.listener) return;
      this.listener = (topic, data) => this.show(topic.split('/')[1], data);
      RED.comms.subscribe('face-view/#', this.listener);
      // The workspace draws itself anew at many occasions, and drops what it does not know.
      this.redraw = () => window.requestAnimationFrame(() => this.pictures.forEach((_, id) => this.draw(id)));
      this.remove = (node) => this.pictures.delete(node.id);
      RED.events.on('view:redraw', this.redraw);
      RED.events.on('workspace:change', this.redraw);
      RED.events.on('nodes:change', this.redraw);
      RED.events.on('nodes:remove', this.remove);
    },

    stop() {
      if (!this.listener) return;
      RED.comms.unsubscribe('face-view/#', this.listener);
      for (const event of ['view:redraw', 'workspace:change', 'nodes:change'])
        RED.events.off(event, this.redraw);
      RED.events.off('nodes:remove', this.remove);
      for (const id of [...this.pictures.keys()]) this.show(id, { cleared: true });
      this.listener = undefined;
    },

    show(id, data) {
      const node = RED.nodes.node(id);
      if (data.cleared || !node || node.inEditor === false) this.pictures.delete(id);
      else this.pictures.set(id, data);
      this.draw(id);
    },

    /** Puts the newest picture below its node, which is there only while its tab is. */
    draw(id) {
      const group = document.getElementById(id);
      if (!group) return;
      const data = this.pictures.get(id);
      let image = group.querySelector('.mtcnn-view');
      if (!data) {
        if (image) image.remove();
        return;
      }
      const node = RED.nodes.node(id);
      if (!image) {
        image = document.createElementNS('http://www.w3.org/2000/svg', 'image');
        image.setAttribute('class', 'mtcnn-view');
        image.style.pointerEvents = 'none';
        group.appendChild(image);
      }
      const width = Number(node.width) || 320;
      const shown = Math.min(width, 320);
      image.setAttribute('y', (node.h || 30) + 18);
      image.setAttribute('width', shown);
      image.setAttribute('height', data.width ? (shown * data.height) / data.width : (shown * 3) / 4);
      image.setAttribute('href', data.image);
    },
  },
};
