import { useId, type ReactNode } from "react";

interface Props {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** A titled region of a screen. */
export function Panel({ title, actions, children }: Props): ReactNode {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {actions !== undefined && <div className="row">{actions}</div>}
      </header>
      <div className="panel-body">{children}</div>
    </section>
  );
}
