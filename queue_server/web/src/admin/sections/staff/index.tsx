import { isAdmin } from "../../../staff/account";
import { Empty } from "../../../staff/states";
import { Page } from "../../parts/page";
import type { SectionProps } from "../../section";
import { AccountPage } from "./account-page";
import { StaffList } from "./list";
import { NewAccount } from "./new-account";
import "./staff-accounts.css";

/** Staff accounts: the list, a new one, and one with its rights and its password. */
export default function Staff({ path, query }: SectionProps) {
  const [id] = path;
  if (!isAdmin.value)
    return (
      <Page title="Staff">
        <Empty title="Accounts are kept by administrators">
          <p>Ask an administrator of your organisation for a new account or another password.</p>
        </Empty>
      </Page>
    );
  if (id === undefined) return <StaffList query={query} />;
  if (id === "new") return <NewAccount />;
  return <AccountPage key={id} id={id} />;
}
