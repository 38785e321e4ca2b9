import type { ReactNode } from "react";
import "./ticks.css";

interface Props<T extends string> {
  label: string;
  all: readonly T[];
  chosen: readonly T[];
  onChange: (chosen: T[]) => void;
  textOf: (one: T) => string;
}

/** Several of a few: what is chosen keeps the order of the list. */
export function Ticks<T extends string>({ label, all, chosen, onChange, textOf }: Props<T>): ReactNode {
  const toggle = (one: T): void => { onChange(all.filter((each) => (each === one) !== chosen.includes(each))); };
  return (
    <fieldset className="ticks">
      <legend>{label}</legend>
      {all.map((one) => (
        <label key={one}><input type="checkbox" checked={chosen.includes(one)} onChange={() => { toggle(one); }} /><span>{textOf(one)}</span></label>
      ))}
    </fieldset>
  );
}
