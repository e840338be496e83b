package dev.warren.dns.server.zone;

import org.xbill.DNS.Name;

/**
 * The parameters of a zone (RFC 1035 section 3.3.13). Immutable; times in seconds, unsigned 32 bit.
 *
 * @param mname its first name server
 * @param rname the mail address of who runs it, with a dot for the at sign
 * @param minimum for how long resolvers remember that something does not exist (RFC 2308)
 */
public record Soa(
    Name mname, Name rname, long serial, long refresh, long retry, long expire, long minimum) {
  private static final long MOST = 0xffff_ffffL;

  /** Of iroh's own development configuration (dns-server section 3.2). */
  private static final String DEVELOPMENT =
      "irohdns.example hostmaster.irohdns.example 0 10800 3600 604800 3600";

  public Soa {
    for (long number : new long[] {serial, refresh, retry, expire, minimum}) {
      if (number < 0 || number > MOST) {
        throw new IllegalArgumentException(number + " is no unsigned number of 32 bits");
      }
    }
  }

  /** For trying things out. */
  public static Soa forDevelopment() {
    return parse(DEVELOPMENT);
  }

  /**
   * From {@code mname rname serial refresh retry expire minimum}, with blanks between them.
   *
   * @throws IllegalArgumentException if it is not seven words, or one is wrong
   */
  public static Soa parse(String text) {
    String[] words = text.strip().split("\\s+");
    if (words.length != 7) {
      throw new IllegalArgumentException(
          "a SOA record is \"mname rname serial refresh retry expire minimum\", seven words, not "
              + words.length);
    }
    return new Soa(
        Origins.name(words[0]),
        Origins.name(words[1]),
        number(words[2]),
        number(words[3]),
        number(words[4]),
        number(words[5]),
        number(words[6]));
  }

  private static long number(String word) {
    if (!word.matches("[0-9]{1,10}")) {
      throw new IllegalArgumentException("'" + word + "' is no number of seconds");
    }
    return Long.parseLong(word);
  }
}
