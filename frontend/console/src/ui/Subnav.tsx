import { Link, useLocation } from "wouter";

/** The pages of a room, as links. */
export function Subnav({ label, pages }: { label: string; pages: { path: string; label: string }[] }) {
  const [here] = useLocation();
  return (
    <nav className="subnav" aria-label={label}>
      {pages.map((page) => (
        <Link key={page.path} href={page.path} aria-current={here === page.path ? "page" : undefined}>
          {page.label}
        </Link>
      ))}
    </nav>
  );
}
