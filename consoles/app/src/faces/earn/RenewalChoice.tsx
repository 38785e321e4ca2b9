// What happens at the maturity: the choices that the offer has, each with what it will do.

import type { ReactNode } from "react";
import type { Renewal } from "./reads";
import { useWords } from "./words";

interface Props {
  offered: readonly Renewal[];
  chosen: Renewal;
  onChoose: (renewal: Renewal) => void;
  isDisabled: boolean;
}

export function RenewalChoice({ offered, chosen, onChoose, isDisabled }: Props): ReactNode {
  const { t } = useWords();
  return (
    <fieldset className="earn-choices" disabled={isDisabled}>
      <legend>{t("renewal.title")}</legend>
      {offered.map((one) => (
        <label key={one} className="earn-tick">
          <input type="radio" name="renewal" value={one} checked={one === chosen} onChange={() => { onChoose(one); }} />
          <span><strong>{t(`renewal.name.${one}`)}</strong><br /><span className="dim">{t(`renewal.means.${one}`)}</span></span>
        </label>
      ))}
    </fieldset>
  );
}
