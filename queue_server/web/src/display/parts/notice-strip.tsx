import type { Told } from "../model/notices";

/** Broadcasts that can wait until somebody looks. */
export function NoticeStrip({ notices }: { notices: Told[] }) {
  const calm = notices.slice(0, 2);
  if (calm.length === 0) return null;
  return (
    <div class="notice-strip" role="status">
      {calm.map((told) => (
        <p key={told.message} dir="auto">
          {told.doctors.length > 0 && <b>{told.doctors.join(", ")}: </b>}
          {told.message}
        </p>
      ))}
    </div>
  );
}
