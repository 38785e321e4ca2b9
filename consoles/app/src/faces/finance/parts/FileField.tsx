import { useId, type ReactNode } from "react";

interface Props {
  label: string;
  accept: string;
  onChange: (file: File | null) => void;
}

export function FileField({ label, accept, onChange }: Props): ReactNode {
  const id = useId();
  return (
    <div className="field finance-file">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="file" accept={accept} onChange={(event) => { onChange(event.target.files?.[0] ?? null); }} />
    </div>
  );
}
