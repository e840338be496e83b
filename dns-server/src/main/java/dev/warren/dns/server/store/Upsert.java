package dev.warren.dns.server.store;

/** What became of a packet that was given to a store. */
public enum Upsert {
  /** It is the newest of its key now, and kept. An equal packet counts as newer than itself. */
  UPDATED,
  /** One that is more recent (discovery section 4.5) was there, and stays. */
  NO_OP
}
