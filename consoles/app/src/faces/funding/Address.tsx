import { Fragment, type ReactNode } from "react";
import { groupsOf, shortOf } from "./model";

/** The whole of it in fours, its ends in bold. The gaps are drawn, not written: copied by hand it comes without them. */
export function Address({ of }: { of: string }): ReactNode {
  const groups = groupsOf(of);
  const last = groups.length - 1;
  return (
    <code className="funding-address">
      {groups.map((group, at) => <Fragment key={at}>{at > 0 && <wbr />}{at === 0 || at === last ? <b>{group}</b> : <span>{group}</span>}</Fragment>)}
    </code>
  );
}

/** For a line of a list; the whole of it on hover. */
export function ShortAddress({ of }: { of: string }): ReactNode {
  return <code title={of}>{shortOf(of)}</code>;
}
