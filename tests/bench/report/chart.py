"""The report as one SVG: a panel a result, a horizontal bar a command, a dashed line where the promise lies.

No library, no script, no external font; dark text on its own white ground, so that it reads on any page.
"""
from xml.sax.saxutils import escape

WIDTH, PANEL_WIDTH, MARGIN, ROW, HEAD, FOOT = 1120, 530, 20, 24, 46, 26
LABEL, VALUE = 225, 75  # columns left and right of the bars
OURS, THEIRS, PROMISE = "#1f6feb", "#b8c0cc", "#c2410c"


def text(x, y, words, size=13, anchor="start", colour="#1f2328", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
            f'font-weight="{weight}" stroke="#ffffff" stroke-width="3" paint-order="stroke">{escape(words)}</text>')


def largest_shown(panel):
    """Bars longer than this are cut: one very slow peer should not make all others dots."""
    values = sorted(value for _, value in panel.rows)
    highest = max(values[-1], panel.limit or 0)
    if panel.limit and highest > 8 * panel.limit:
        return 4 * panel.limit
    return highest or 1


def height(panel):
    return HEAD + ROW * len(panel.rows) + FOOT


def bar_of(panel, index, top, left, scale, cut):
    """The bar of one row, and the words beside it, which are drawn later, over the dashed line."""
    name, value = panel.rows[index]
    y = top + HEAD + index * ROW
    length = min(value, cut) * scale
    ours = name.startswith("toolkit")
    shapes = [f'<rect x="{left + LABEL}" y="{y + 3}" width="{max(length, 1):.1f}" height="{ROW - 7}" rx="2" '
              f'fill="{OURS if ours else THEIRS}"/>']
    if value > cut:  # a gap in the bar says that it is longer
        shapes.append(f'<path d="M{left + LABEL + length - 14:.1f} {y + ROW - 3} l5 -{ROW - 5} h4 l-5 {ROW - 5} z" '
                      'fill="#ffffff"/>')
    words = [text(left + LABEL - 8, y + 15, name, 12, "end", weight="600" if ours else "normal"),
             text(left + LABEL + length + 6, y + 15, f"{value:,.{panel.decimals}f}", 12)]
    return shapes, words


def promise(panel, top, left, scale):
    if panel.limit is None:
        return []
    x, bottom = left + LABEL + panel.limit * scale, top + HEAD + ROW * len(panel.rows)
    return [f'<line x1="{x:.1f}" y1="{top + HEAD - 6}" x2="{x:.1f}" y2="{bottom + 2}" stroke="{PROMISE}" '
            'stroke-width="1.5" stroke-dasharray="4 3"/>',
            text(x, top + HEAD - 10, panel.limit_text, 11, "middle", PROMISE)]


def draw_panel(panel, left, top):
    cut = largest_shown(panel)
    scale = (PANEL_WIDTH - LABEL - VALUE) / cut
    bars = [bar_of(panel, index, top, left, scale, cut) for index in range(len(panel.rows))]
    return [text(left, top + 18, panel.title, 15, weight="bold"),
            text(left + PANEL_WIDTH, top + 18, panel.unit, 12, "end", "#59636e"),
            *(shape for shapes, _ in bars for shape in shapes),
            *promise(panel, top, left, scale),
            *(word for _, words in bars for word in words)]


def draw(command, results):
    panels = [panel for result in results for panel in result.panels]
    columns, parts = [MARGIN + 40, MARGIN + 40], []
    for panel in panels:
        side = 0 if columns[0] <= columns[1] else 1
        parts += draw_panel(panel, MARGIN + side * (PANEL_WIDTH + MARGIN), columns[side])
        columns[side] += height(panel)
    tall = max(columns) + MARGIN
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" width="{WIDTH}" height="{tall}" '
            'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">',
            f'<rect width="{WIDTH}" height="{tall}" fill="#ffffff"/>',
            text(MARGIN, MARGIN + 14, f"toolkit {command} against its peers", 20, weight="bold"),
            text(WIDTH - MARGIN, MARGIN + 14, "medians; the dashed line is the promise", 12, "end", "#59636e")]
    return "\n".join(head + parts + ["</svg>"]) + "\n"
