// The words of the wallet's routes, as the rooms of money in and out call them.

import type { Schemas } from "@/api/client";

export type Network = Schemas["NetworkOut"];
export type DepositAddress = Schemas["DepositAddressOut"];
export type Deposit = Schemas["DepositOut"];
export type DepositStatus = Schemas["DepositStatus"];
export type Withdrawal = Schemas["WithdrawalOut"];
export type WithdrawalState = Schemas["WithdrawalState"];
export type WithdrawalStatus = Schemas["WithdrawalStatus"];
export type WithdrawalStep = Schemas["WithdrawalStepOut"];
export type Wish = Schemas["WithdrawalIn"];
export type Entry = Schemas["AddressBookOut"];
export type NewEntry = Schemas["AddressBookIn"];
