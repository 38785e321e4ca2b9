// The words of cold spends, as their room calls them.

import type { Schemas } from "@/api/client";

export type ColdSpend = Schemas["ColdSpendOut"];
export type ColdDetail = Schemas["ColdSpendDetailOut"];
export type ColdState = Schemas["SpendState"];
export type Draft = Schemas["ColdDraftOut"];
export type Signature = Schemas["ColdSignatureOut"];
export type Wish = Schemas["ColdSpendIn"];
