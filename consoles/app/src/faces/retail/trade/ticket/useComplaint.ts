import { useTranslation } from "react-i18next";
import { useFormat } from "../format";
import type { Complaints, Field } from "./checks";

/** What stands under a field. A missing value is only said once somebody tried to send. */
export function useComplaint(complaints: Complaints, tried: boolean): (field: Field) => string | undefined {
  const { t } = useTranslation("retail");
  const format = useFormat();
  return (field) => {
    const found = complaints[field];
    if (found === undefined || (found.key === "needed" && !tried)) return undefined;
    return t(`trade.check.${found.key}`, format.all(found.values));
  };
}
