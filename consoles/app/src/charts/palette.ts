// The chart paints on a canvas, which knows no CSS variables: it is told the tokens' present colours.

export interface Palette {
  text: string;
  panel: string;
  line: string;
  up: string;
  down: string;
  upFill: string;
  downFill: string;
  accent: string;
}

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    text: token("dim"), panel: token("panel"), line: token("line"), up: token("up"), down: token("down"),
    upFill: token("up-fill"), downFill: token("down-fill"), accent: token("accent"),
  };
}
