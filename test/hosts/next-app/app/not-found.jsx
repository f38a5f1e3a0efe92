export default function NotFound() {
  return <p>the host has no such page</p>;
}
