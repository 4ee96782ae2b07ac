// What is really drawn on the page, and where: the truth script of benchmarks/web.py.
//
// Injected into a page that has settled, it returns {targets, lines, width, height, dpr}; every box
// is [left, top, right, bottom] in CSS pixels of the viewport. It reads text by Range (one box per
// character), so that wrapping, text-transform and inline markup come out as drawn, and asks
// elementsFromPoint whether a thing is on top.
//
// What it does not know: text in canvases, pictures, frames and closed shadow roots, ::before and
// ::after content, and the real colours behind a background picture.
(() => {
  "use strict";
  const WIDTH = window.innerWidth;
  const HEIGHT = window.innerHeight;
  const PRIVATE =
    /[\u0000-\u001f\u00ad\u200b-\u200f\u2028-\u202f\ufeff\ue000-\uf8ff\u{f0000}-\u{10ffff}]/u;
  const CLICKABLE =
    "a[href],a[onclick],button,summary,input,select,textarea,[role=button],[role=link],[role=tab]," +
    "[role=menuitem],[role=menuitemcheckbox],[role=menuitemradio],[role=option],[role=treeitem]," +
    "[role=switch],[role=checkbox],[role=radio],[onclick]";
  const TEXT_INPUTS = new Set([
    "text",
    "password",
    "email",
    "search",
    "tel",
    "url",
    "number",
    "date",
    "time",
    "datetime-local",
    "month",
    "week",
  ]);
  const styles = new Map();

  const styleOf = (el) => {
    if (!styles.has(el)) styles.set(el, getComputedStyle(el));
    return styles.get(el);
  };
  const boxOf = (el) => {
    const r = el.getBoundingClientRect();
    return [r.left, r.top, r.right, r.bottom];
  };
  const widthOf = (b) => b[2] - b[0];
  const heightOf = (b) => b[3] - b[1];
  const union = (boxes) => [
    Math.min(...boxes.map((b) => b[0])),
    Math.min(...boxes.map((b) => b[1])),
    Math.max(...boxes.map((b) => b[2])),
    Math.max(...boxes.map((b) => b[3])),
  ];
  const inside = (b, o, slack = 1) =>
    b[0] >= o[0] - slack && b[1] >= o[1] - slack && b[2] <= o[2] + slack && b[3] <= o[3] + slack;
  const onScreen = (b) =>
    widthOf(b) > 1 && heightOf(b) > 1 && inside(b, [0, 0, WIDTH, HEIGHT], 0.6);
  const squash = (text) => text.replace(/\s+/g, " ").trim();
  const overlapY = (a, b) =>
    (Math.min(a[3], b[3]) - Math.max(a[1], b[1])) / Math.max(1, Math.min(heightOf(a), heightOf(b)));

  // ---------------------------------------------------------------- colours

  const colour = (text) => {
    const m = /rgba?\(([^)]+)\)/.exec(text);
    if (m) {
      const p = m[1].split(/[ ,/]+/).map(Number);
      return [p[0], p[1], p[2], p.length > 3 ? p[3] : 1];
    }
    const s = /color\(srgb ([^)]+)\)/.exec(text);
    if (!s) return [128, 128, 128, text === "transparent" ? 0 : 1];
    const q = s[1].split(/[ /]+/).map(Number);
    return [q[0] * 255, q[1] * 255, q[2] * 255, q.length > 3 ? q[3] : 1];
  };
  const over = (top, under) => {
    const a = top[3];
    return [0, 1, 2].map((i) => top[i] * a + under[i] * (1 - a)).concat(1);
  };
  const differs = (a, b, by = 5) => [0, 1, 2].some((i) => Math.abs(a[i] - b[i]) >= by);

  // The flat colour behind an element's content, or null when a picture lies there.
  const backdrop = (el) => {
    const layers = [];
    for (let e = el; e; e = e.parentElement) {
      const s = styleOf(e);
      if (s.backgroundImage !== "none" && s.backgroundImage.includes("url(")) return null;
      const c = colour(s.backgroundColor);
      if (c[3] > 0) layers.push(c);
      if (c[3] >= 1) break;
    }
    const dark = styleOf(document.documentElement).colorScheme.trim() === "dark";
    return layers.reduceRight(
      (under, top) => over(top, under),
      dark ? [18, 18, 18, 1] : [255, 255, 255, 1],
    );
  };
  const opacity = (el) => {
    let o = 1;
    for (let e = el; e; e = e.parentElement) o *= Number(styleOf(e).opacity);
    return o;
  };

  // Hairline borders are often drawn by an absolutely placed ::after or ::before.
  const outlined = (el) =>
    ["::before", "::after"].some((pseudo) => {
      const s = getComputedStyle(el, pseudo);
      return (
        s.content !== "none" &&
        s.position === "absolute" &&
        s.display !== "none" &&
        ["Top", "Right", "Bottom", "Left"].every(
          (side) =>
            parseFloat(s[`border${side}Width`]) > 0 &&
            s[`border${side}Style`] !== "none" &&
            colour(s[`border${side}Color`])[3] > 0.08,
        ) &&
        parseFloat(s.width) >= 0.9 * el.clientWidth &&
        parseFloat(s.height) >= 0.9 * el.clientHeight
      );
    });
  // Does the element draw a box of its own: a border, a fill or a shadow?
  const painted = (el) => {
    const s = styleOf(el);
    const behind = el.parentElement ? backdrop(el.parentElement) : [255, 255, 255, 1];
    const fill = colour(s.backgroundColor);
    if (behind && fill[3] > 0 && differs(over(fill, behind), behind)) return true;
    if (!behind && fill[3] > 0.3) return true;
    if (s.backgroundImage.includes("gradient")) return true;
    const own = behind ? over(fill, behind) : null;
    const sides = ["Top", "Right", "Bottom", "Left"].filter((side) => {
      const c = colour(s[`border${side}Color`]);
      const solid = !["none", "hidden"].includes(s[`border${side}Style`]);
      return (
        solid &&
        parseFloat(s[`border${side}Width`]) > 0 &&
        c[3] > 0.08 &&
        (!own || differs(over(c, own), own))
      );
    });
    if (sides.length >= 3 || outlined(el)) return true;
    return s.boxShadow !== "none" && !/rgba\([^)]*, 0\)/.test(s.boxShadow);
  };
  const paintsAnything = (el) => {
    if (/^(IMG|CANVAS|VIDEO|IFRAME|INPUT|SELECT|TEXTAREA|BUTTON|OBJECT)$/.test(el.tagName))
      return true;
    if (el instanceof SVGElement) return el.tagName.toLowerCase() !== "svg";
    const s = styleOf(el);
    return (
      opacity(el) > 0.05 && (colour(s.backgroundColor)[3] > 0.05 || s.backgroundImage !== "none")
    );
  };

  // ------------------------------------------------------------- visibility

  const reaches = (el, x, y) => {
    for (const hit of document.elementsFromPoint(x, y)) {
      if (hit === el || el.contains(hit)) return true;
      if (hit.contains(el)) return false;
      if (paintsAnything(hit)) return false;
    }
    return false;
  };
  const shown = (el) => {
    const s = styleOf(el);
    return s.visibility === "visible" && s.display !== "none" && opacity(el) > 0.3;
  };
  const boxVisible = (el, b) => {
    if (!shown(el) || !onScreen(b)) return false;
    const points = [
      [0.5, 0.5],
      [0.12, 0.2],
      [0.88, 0.2],
      [0.12, 0.8],
      [0.88, 0.8],
    ];
    const hits = points.filter(([u, v]) =>
      reaches(el, b[0] + u * widthOf(b), b[1] + v * heightOf(b)),
    );
    return hits.length >= 4;
  };
  const ellipsised = (el) => {
    for (let e = el, i = 0; e && i < 4; e = e.parentElement, i += 1) {
      const s = styleOf(e);
      if (s.display === "inline") continue;
      if (
        s.overflowX !== "visible" &&
        e.scrollWidth > e.clientWidth + 1 &&
        s.textOverflow === "ellipsis"
      )
        return true;
      if (s.webkitLineClamp !== "none" && e.scrollHeight > e.clientHeight + 1) return true;
    }
    return false;
  };
  const rotated = (el) => {
    for (let e = el; e; e = e.parentElement) {
      const m = /^matrix\([^,]+, ([^,]+),/.exec(styleOf(e).transform);
      if (m && Math.abs(Number(m[1])) > 0.01) return true;
    }
    return false;
  };
  const readable = (el) => {
    const s = styleOf(el);
    const ink = colour(s.webkitTextFillColor || s.color);
    if (ink[3] < 0.2 || parseFloat(s.fontSize) < 5) return false;
    if (s.writingMode !== "horizontal-tb" || s.webkitTextSecurity !== "none") return false;
    const behind = backdrop(el);
    return !behind || differs(over(ink, behind), behind, 30);
  };

  // ------------------------------------------------------------------- text

  const transformed = (text, mode) => {
    if (mode === "uppercase") return text.toUpperCase();
    if (mode === "lowercase") return text.toLowerCase();
    if (mode === "capitalize")
      return text.replace(/(^|[\s\-_/(])(\p{L})/gu, (_, a, b) => a + b.toUpperCase());
    return text;
  };
  const isBlock = (el) => !["inline", "contents"].includes(styleOf(el).display);
  const blockOf = (el) => {
    let e = el;
    while (e.parentElement && !isBlock(e)) e = e.parentElement;
    return e;
  };

  // One entry per drawn character of a text node: {ch, box, el}.
  const charsOf = (node) => {
    const el = node.parentElement;
    const source = node.data;
    const drawn = transformed(source, styleOf(el).textTransform);
    const same = drawn.length === source.length;
    const range = document.createRange();
    const out = [];
    for (let i = 0; i < source.length; i += 1) {
      const pair = source.charCodeAt(i) >= 0xd800 && source.charCodeAt(i) <= 0xdbff;
      const end = i + (pair ? 2 : 1);
      range.setStart(node, i);
      range.setEnd(node, Math.min(end, source.length));
      const rects = range.getClientRects();
      const r = rects[rects.length - 1];
      const ch = (same ? drawn : source).slice(i, end);
      if (r && r.width > 0 && r.height > 0)
        out.push({ ch: /\s/.test(ch) ? " " : ch, box: [r.left, r.top, r.right, r.bottom], el });
      if (pair) i += 1;
    }
    return out;
  };
  const charVisible = (c) => {
    const x = (c.box[0] + c.box[2]) / 2;
    const y = (c.box[1] + c.box[3]) / 2;
    return x > 0 && y > 0 && x < WIDTH && y < HEIGHT && reaches(c.el, x, y);
  };

  const textNodes = (root, out = []) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const el = node.parentElement;
      if (
        !el ||
        !node.data.trim() ||
        /^(SCRIPT|STYLE|NOSCRIPT|OPTION|TEMPLATE|TITLE|TEXTAREA)$/.test(el.tagName)
      )
        continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const r = range.getBoundingClientRect();
      if (r.width && r.bottom > 0 && r.top < HEIGHT && r.right > 0 && r.left < WIDTH)
        out.push(node);
    }
    return out;
  };

  // Characters of one block, cut into visual lines.
  const cutLines = (chars) => {
    const lines = [];
    let line = null;
    for (const c of chars) {
      const last = line && line[line.length - 1];
      const goesOn =
        last &&
        overlapY(c.box, last.box) > 0.4 &&
        c.box[0] >= last.box[0] - 1 &&
        c.box[0] - last.box[2] < 0.7 * heightOf(c.box);
      if (!goesOn) lines.push((line = []));
      line.push(c);
    }
    return lines;
  };
  const trimmed = (chars) => {
    let kept = chars.filter((c) => !PRIVATE.test(c.ch));
    while (kept.length && kept[0].ch === " ") kept = kept.slice(1);
    while (kept.length && kept[kept.length - 1].ch === " ") kept = kept.slice(0, -1);
    return kept;
  };
  // A gap made by margins reads as a space.
  const spaced = (chars) =>
    chars.flatMap((c, i) => {
      const last = chars[i - 1];
      const gap =
        last && last.ch !== " " && c.ch !== " " && c.box[0] - last.box[2] > 0.18 * heightOf(c.box);
      return gap
        ? [{ ch: " ", box: [last.box[2], c.box[1], c.box[0], c.box[3]], el: c.el }, c]
        : [c];
    });
  const makeLine = (chars, block) => {
    const kept = spaced(trimmed(chars));
    if (!kept.length) return null;
    const solid = kept.filter((c) => c.ch !== " ");
    const probes = [solid[0], solid[solid.length >> 1], solid[solid.length - 1]];
    if (kept.length > 12) probes.push(solid[solid.length >> 2], solid[(3 * solid.length) >> 2]);
    const seen = probes.filter(charVisible).length;
    const box = union(solid.map((c) => c.box));
    const whole =
      seen === probes.length &&
      onScreen(box) &&
      solid.every((c) => shown(c.el) && readable(c.el)) &&
      !ellipsised(solid[0].el) &&
      !rotated(solid[0].el);
    return {
      text: kept.map((c) => c.ch).join(""),
      chars: kept,
      box,
      block,
      whole,
      seen: seen > 0 && shown(solid[0].el) && readable(solid[0].el),
    };
  };
  // Is the line all there is of an inline element (a link in a bar of links)?
  const fillsInline = (line, block, made) => {
    let e = line.chars[0].el;
    while (e !== block && !line.chars.every((c) => e.contains(c.el))) e = e.parentElement;
    return e !== block && !made.some((l) => l !== line && l.chars.some((c) => e.contains(c.el)));
  };
  const collectLines = () => {
    const blocks = new Map();
    for (const node of textNodes(document.body)) {
      const block = blockOf(node.parentElement);
      if (!blocks.has(block)) blocks.set(block, []);
      blocks.get(block).push(...charsOf(node));
    }
    const lines = [];
    for (const [block, chars] of blocks) {
      const made = cutLines(chars)
        .map((c) => makeLine(c, block))
        .filter(Boolean);
      for (const line of made) {
        line.alone = made.length === 1 || fillsInline(line, block, made);
        if (line.seen) lines.push(line);
      }
    }
    return lines;
  };

  // ------------------------------------------------------------- description

  const linesIn = (el, lines) => lines.filter((l) => el.contains(l.chars[0].el));
  const disabled = (el) =>
    Boolean(el.closest(":disabled,[aria-disabled=true]")) ||
    /\b(disabled|weui-btn_disabled)\b/.test(String(el.className));
  const typeOf = (el, drawnBox) => {
    const role = el.getAttribute("role");
    const tag = el.tagName;
    if (role === "tab") return "tab";
    if (role && role.startsWith("menuitem")) return "menu_item";
    if (role === "option" || role === "treeitem") return "list_item";
    if (tag === "BUTTON" || tag === "SUMMARY" || role === "button" || tag === "INPUT")
      return "button";
    if (tag === "A") return drawnBox && /btn|button/i.test(el.className) ? "button" : "link";
    return drawnBox ? "button" : "text";
  };
  const clickableOf = (el) => {
    const found = el.closest(CLICKABLE);
    if (found) return found;
    let outer = null;
    for (
      let e = el;
      e && e !== document.body && styleOf(e).cursor === "pointer";
      e = e.parentElement
    )
      outer = e;
    return outer;
  };
  const target = (fields) => ({ enabled: true, checked: null, data_type: "text", ...fields });

  // The innermost painted box around a line that holds nothing else, up to and one past `limit`.
  const paintedAround = (line, limit, lines) => {
    for (let e = line.chars[0].el; e && e !== document.body; e = e.parentElement) {
      const others = linesIn(e, lines).filter((l) => overlapY(l.box, line.box) < 0.5);
      const b = boxOf(e);
      if (others.length || widthOf(b) * heightOf(b) > 0.35 * WIDTH * HEIGHT) return null;
      if (isBlock(e) || e.tagName === "A" || e.tagName === "BUTTON") {
        if (painted(e) && inside(line.box, b, 2) && boxVisible(e, b)) return e;
      }
      if (e === limit) return null;
    }
    return null;
  };

  // -------------------------------------------------------- fields and labels

  const cleanLabel = (text) => squash(text.replace(/[\s:：*＊]+$/u, "").replace(/^[*＊]\s*/u, ""));
  // The label's first line, cut to the label; null when the label wraps onto more lines.
  const lineOfLabel = (label, lines) => {
    const found = lines.filter((l) => l.chars.some((c) => label.contains(c.el)));
    if (!found.length || !found[0].whole || found.some((l, i) => i && l.block === found[0].block))
      return null;
    const chars = trimmed(found[0].chars.filter((c) => label.contains(c.el)));
    const text = chars.map((c) => c.ch).join("");
    if (!/[\p{L}\p{N}]/u.test(text)) return null;
    return {
      text,
      box: union(chars.map((c) => c.box)),
      origin: found[0],
      complete: chars.length === found[0].chars.length,
    };
  };
  const fieldsWithin = (el) =>
    [...el.querySelectorAll("input,select,textarea")].filter(
      (e) => e.type !== "hidden" && shown(e),
    );
  const labelledBy = (el, lines) => {
    for (const label of el.labels || []) {
      const line = lineOfLabel(label, lines);
      if (line) return { line, source: label.contains(el) ? "wrapping_label" : "label_for" };
    }
    const id = (el.getAttribute("aria-labelledby") || "").split(/\s+/)[0];
    const by = id && document.getElementById(id);
    const line = by && lineOfLabel(by, lines);
    return line ? { line, source: "aria_labelledby" } : null;
  };
  const asLabel = (line) => ({ text: line.text, box: line.box, origin: line, complete: true });
  // A text standing left of or above a field, both alone in a common row or cell.
  const labelledByPlace = (el, lines, taken) => {
    const b = boxOf(el);
    let home = el.parentElement;
    for (let i = 0; home && i < 4; home = home.parentElement, i += 1) {
      if (fieldsWithin(home).length > 1) return null;
      const near = linesIn(home, lines).filter(
        (l) => l.whole && !taken.has(l) && l.text.length <= 40 && !clickableOf(l.chars[0].el),
      );
      const left = near.filter(
        (l) => l.box[2] <= b[0] + 2 && b[0] - l.box[2] < 160 && overlapY(l.box, b) > 0.5,
      );
      const above = near.filter(
        (l) => l.box[3] <= b[1] + 2 && b[1] - l.box[3] < 20 && Math.abs(l.box[0] - b[0]) < 12,
      );
      if (left.length) return { line: asLabel(left[left.length - 1]), source: "left" };
      if (above.length) return { line: asLabel(above[above.length - 1]), source: "above" };
    }
    return null;
  };
  const textWidth = (el, text) => {
    const pen = document.createElement("canvas").getContext("2d");
    const s = styleOf(el);
    pen.font = `${s.fontStyle} ${s.fontWeight} ${s.fontSize} ${s.fontFamily}`;
    return pen.measureText(text).width;
  };
  const placeholderOf = (el) => {
    const text = squash(el.placeholder || "");
    if (!text || el.value) return null;
    const s = getComputedStyle(el, "::placeholder");
    const ink = colour(s.color);
    const behind = backdrop(el);
    if (
      ink[3] * Number(s.opacity || 1) < 0.2 ||
      (behind && !differs(over(ink, behind), behind, 24))
    )
      return null;
    const room =
      widthOf(boxOf(el)) -
      parseFloat(styleOf(el).paddingLeft) -
      parseFloat(styleOf(el).paddingRight);
    return textWidth(el, text) <= room ? text : null;
  };
  // A borderless input inside a drawn frame that holds no text of its own: the frame is the field.
  const frameOf = (el, lines) => {
    if (painted(el)) return el;
    for (let e = el.parentElement, i = 0; e && i < 3; e = e.parentElement, i += 1) {
      const b = boxOf(e);
      if (
        fieldsWithin(e).length > 1 ||
        linesIn(e, lines).length ||
        heightOf(b) > 2.2 * heightOf(boxOf(el))
      )
        return el;
      if (painted(e) && boxVisible(e, b)) return e;
    }
    return el;
  };
  const drawnValue = (el) => {
    if (el.tagName === "SELECT")
      return el.multiple || el.size > 1 || !el.selectedOptions.length
        ? ""
        : squash(el.selectedOptions[0].text);
    return el.type === "password" ? "" : squash(el.value || "");
  };
  const fieldType = (el) =>
    el.tagName === "SELECT"
      ? "combo_box"
      : el.type === "password"
        ? "password_input"
        : "text_input";

  const fieldTargets = (lines, taken, strings) => {
    const out = [];
    const all = [...document.querySelectorAll("input,select,textarea")].filter(
      (el) => (el.tagName !== "INPUT" || TEXT_INPUTS.has(el.type)) && shown(el),
    );
    const fields = all.filter((el) => boxVisible(el, boxOf(el)));
    for (const label of document.querySelectorAll("label")) {
      const control = label.control;
      if (control && !["checkbox", "radio"].includes(control.type))
        linesIn(label, lines).forEach((l) => taken.add(l));
    }
    const labels = new Map(fields.map((el) => [el, labelledBy(el, lines)]));
    for (const l of labels.values()) if (l) taken.add(l.line.origin);
    // The label of a field that is cut off names no target, but it is not plain text either.
    for (const el of all.filter((e) => !labels.has(e))) {
      const named = labelledByPlace(el, lines, taken);
      if (named) taken.add(named.line.origin);
    }
    for (const el of fields) {
      const named = labels.get(el) || labelledByPlace(el, lines, taken);
      const box = boxOf(frameOf(el, lines));
      const shared = {
        kind: "field",
        box,
        control_box: boxOf(el),
        element_type: fieldType(el),
        enabled: !disabled(el),
        drawn: true,
      };
      if (named) {
        taken.add(named.line.origin);
        out.push(
          target({
            ...shared,
            text: cleanLabel(named.line.text),
            label_source: named.source,
            label_box: named.line.box,
            text_box: named.line.box,
          }),
        );
      }
      const hint = placeholderOf(el);
      if (hint) {
        strings.push({ text: hint, box: boxOf(el), control: true });
        if (!named || cleanLabel(named.line.text) !== hint)
          out.push(
            target({ ...shared, text: hint, label_source: "placeholder", text_box: boxOf(el) }),
          );
      }
      const value = drawnValue(el);
      if (value) strings.push({ text: value, box: boxOf(el), control: true });
      if (value && el.tagName === "SELECT" && textWidth(el, value) < widthOf(box) - 16) {
        out.push(target({ ...shared, kind: "widget", text: value, text_box: boxOf(el) }));
      }
    }
    return out;
  };

  // What stands for a control whose input is hidden: a small drawn thing without text.
  const drawsSomething = (el) =>
    painted(el) ||
    paintsAnything(el) ||
    ["::before", "::after"].some(
      (pseudo) => !["none", "normal"].includes(getComputedStyle(el, pseudo).content),
    );
  const standIn = (home, lines) => {
    const fits = [...home.querySelectorAll("*")].filter((e) => {
      const b = boxOf(e);
      return (
        widthOf(b) >= 8 &&
        heightOf(b) >= 8 &&
        widthOf(b) <= 72 &&
        heightOf(b) <= 48 &&
        boxVisible(e, b) &&
        drawsSomething(e) &&
        !linesIn(e, lines).length
      );
    });
    return fits.length ? boxOf(fits[0]) : null;
  };
  // A transparent input that lies where its label's ::before draws the control.
  const layOver = (el, label) => {
    const b = boxOf(el);
    const drawn = !["none", "normal"].includes(getComputedStyle(label, "::before").content);
    const sized = widthOf(b) >= 8 && heightOf(b) >= 8 && widthOf(b) <= 48 && heightOf(b) <= 48;
    return drawn && sized && opacity(el) === 0 && onScreen(b) && overlapY(b, boxOf(label)) > 0.5;
  };
  const controlBox = (el, label, lines) => {
    const b = boxOf(el);
    if (widthOf(b) >= 8 && heightOf(b) >= 8 && widthOf(b) <= 72 && boxVisible(el, b)) return b;
    if (label && label.contains(el)) return standIn(label, lines);
    if (label && layOver(el, label)) return b;
    const home = el.parentElement;
    if (!home || fieldsWithin(home).length > 1 || linesIn(home, lines).length)
      return label ? standIn(label, lines) : null;
    const own = boxOf(home);
    const small =
      widthOf(own) >= 8 && widthOf(own) <= 72 && heightOf(own) <= 48 && boxVisible(home, own);
    return small ? own : standIn(home, lines);
  };
  // A checkbox or radio: its control when it is drawn, its label, and the row both form.
  const choiceTarget = (el, named, label, lines) => {
    const control = controlBox(el, label, lines);
    const row = (label && label.contains(el)) || !control ? label : null;
    const rowBox = row && boxVisible(row, boxOf(row)) ? boxOf(row) : null;
    if (!control && !rowBox) return null;
    const line = named.line.box;
    const gap = control ? Math.max(control[0] - line[2], line[0] - control[2]) : 0;
    const near =
      control && overlapY(control, line) > 0.4 && gap < 2.5 * Math.max(16, heightOf(control));
    const type = el.type === "radio" || el.getAttribute("role") === "radio" ? "radio" : "checkbox";
    return target({
      kind: "widget",
      text: cleanLabel(named.line.text),
      label_source: named.source,
      box: near ? union([control, line]) : control || rowBox,
      control_box: control,
      label_box: line,
      text_box: line,
      alloc_box: rowBox,
      element_type: type,
      enabled: !disabled(el),
      drawn: Boolean(control),
      checked: el.tagName === "INPUT" ? el.checked : el.getAttribute("aria-checked") === "true",
    });
  };
  const choiceTargets = (lines, taken) => {
    const out = [];
    const roles =
      "input[type=checkbox],input[type=radio],[role=switch]:not(input),[role=checkbox]:not(input),[role=radio]:not(input)";
    for (const el of document.querySelectorAll(roles)) {
      const input = el.tagName === "INPUT";
      const content = !input && lineOfLabel(el, lines);
      const named = content
        ? { line: content, source: "content" }
        : labelledBy(el, lines) || (input ? labelledRight(el, lines, taken) : null);
      if (!named || (taken.has(named.line.origin) && named.line.complete)) continue;
      taken.add(named.line.origin);
      const made = choiceTarget(el, named, content ? el : el.labels && el.labels[0], lines);
      if (made) out.push(made);
    }
    return out;
  };
  const labelledRight = (el, lines, taken) => {
    const b = boxOf(el);
    const near = lines.filter(
      (l) =>
        l.whole &&
        !taken.has(l) &&
        l.box[0] >= b[2] - 1 &&
        l.box[0] - b[2] < 14 &&
        overlapY(l.box, b) > 0.5,
    );
    return near.length === 1 && el.parentElement.contains(near[0].chars[0].el)
      ? { line: asLabel(near[0]), source: "right" }
      : null;
  };

  // -------------------------------------------------- buttons, links, plain text

  const inputButtons = (strings) => {
    const out = [];
    for (const el of document.querySelectorAll(
      "input[type=submit],input[type=button],input[type=reset]",
    )) {
      const text = squash(transformed(el.value || "", styleOf(el).textTransform));
      const box = boxOf(el);
      if (!text || !boxVisible(el, box) || textWidth(el, text) > widthOf(box)) continue;
      strings.push({ text, box, control: true });
      out.push(
        target({
          kind: "widget",
          text,
          box,
          text_box: box,
          element_type: "button",
          enabled: !disabled(el),
          drawn: true,
        }),
      );
    }
    return out;
  };
  const lineTarget = (line, lines) => {
    const first = line.chars[0].el;
    const one = line.chars.every((c) => c.ch === " " || clickableOf(c.el) === clickableOf(first));
    const click = one ? clickableOf(first) : null;
    const frame = paintedAround(line, click, lines);
    const shared = {
      text: squash(line.text),
      text_box: line.box,
      enabled: !disabled(click || first),
      drawn: Boolean(frame),
    };
    if (click && frame && line.alone) {
      return target({
        ...shared,
        kind: "widget",
        box: boxOf(frame),
        element_type: typeOf(click, true),
      });
    }
    if (!line.alone) return null;
    const room = click && click !== document.body ? boxOf(click) : frame ? boxOf(frame) : null;
    const fits =
      room && inside(line.box, room, 2) && widthOf(room) * heightOf(room) < 0.2 * WIDTH * HEIGHT;
    return target({
      ...shared,
      kind: "plain",
      box: line.box,
      alloc_box: fits ? room : null,
      element_type: click ? typeOf(click, false) : "text",
    });
  };
  // Links inside a longer line.
  const inlineLinks = (line, lines) => {
    const out = [];
    const links = new Set(line.chars.map((c) => c.el.closest("a[href]")).filter(Boolean));
    for (const a of links) {
      const mine = trimmed(line.chars.filter((c) => a.contains(c.el)));
      const everywhere = lines.filter((l) => l.chars.some((c) => a.contains(c.el))).length;
      if (!mine.length || mine.length === line.chars.length || everywhere > 1) continue;
      const box = union(mine.map((c) => c.box));
      if (painted(a)) {
        out.push(
          target({
            kind: "widget",
            text: squash(mine.map((c) => c.ch).join("")),
            box: boxOf(a),
            text_box: box,
            element_type: typeOf(a, true),
            drawn: true,
          }),
        );
      } else {
        out.push(
          target({
            kind: "plain",
            text: squash(mine.map((c) => c.ch).join("")),
            box,
            text_box: box,
            element_type: "link",
            inline: true,
            drawn: false,
          }),
        );
      }
    }
    return out;
  };
  const wordSpans = (line) => {
    const text = line.chars.map((c) => c.ch);
    const starts = [];
    text.reduce((at, ch) => (starts.push(at), at + ch.length), 0);
    const index = new Map(starts.map((at, i) => [at, i]));
    const segmenter = new Intl.Segmenter("zh", { granularity: "word" });
    return [...segmenter.segment(text.join(""))]
      .filter((s) => s.isWordLike && index.has(s.index))
      .map((s) => {
        const from = index.get(s.index);
        let to = from;
        while (to < text.length && starts[to] < s.index + s.segment.length) to += 1;
        return {
          text: s.segment,
          box: union(line.chars.slice(from, to).map((c) => c.box)),
          from,
          to,
        };
      });
  };

  // --------------------------------------------------------------------- main

  const quiet = document.createElement("style");
  quiet.textContent =
    "*{pointer-events:auto !important}*::before,*::after{pointer-events:none !important}";
  document.head.append(quiet);
  try {
    const lines = collectLines();
    const whole = lines.filter((l) => l.whole);
    const taken = new Set();
    const strings = [];
    const targets = [
      ...choiceTargets(lines, taken),
      ...fieldTargets(lines, taken, strings),
      ...inputButtons(strings),
    ];
    for (const line of whole) {
      targets.push(...inlineLinks(line, lines));
      if (taken.has(line)) continue;
      const made = lineTarget(line, lines);
      if (made) targets.push(made);
    }
    const out = lines.map((l) => ({
      text: l.text,
      box: l.box,
      whole: l.whole,
      alone: l.alone,
      label: taken.has(l),
      chars: l.chars.map((c) => [c.ch, ...c.box.map((v) => Math.round(v * 100) / 100)]),
      words: l.whole && l.chars.length > 7 ? wordSpans(l) : [],
    }));
    for (const s of strings)
      out.push({
        text: s.text,
        box: s.box,
        whole: true,
        alone: true,
        control: true,
        chars: [],
        words: [],
      });
    return {
      targets,
      lines: out,
      width: WIDTH,
      height: HEIGHT,
      dpr: window.devicePixelRatio,
      language: document.documentElement.lang,
    };
  } finally {
    quiet.remove();
  }
})();
