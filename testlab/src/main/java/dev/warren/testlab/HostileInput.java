package dev.warren.testlab;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * What a stranger may feed to a parser: any bytes, valid input with a few places changed, and now
 * and then a megabyte. The generators shrink, so a failure shows a short input. Stateless.
 */
public final class HostileInput {
  /** Bytes of the very long inputs: what the bad-input table of the tests calls too long. */
  public static final int VERY_LONG = 1_000_000;

  private static final int LONGEST_ANY = 300;

  /** Letters that lower-casing, digit parsing or terminals treat in unexpected ways. */
  private static final List<String> ODD_TEXT =
      List.of(
          "\u0130", "\u212a", "\u0661", "\uff10", "\u0000", "\ud800", "\u202e", "\u009b", "\n",
          "\r\n", " ", "%", "%25", "..", "/", "\\", ":", "[", "]", "@", "#", "?", "+", "-", "_");

  private HostileInput() {}

  /** Any bytes, mutations of {@code valid}, and in one of sixty tries a very long input. */
  public static Arbitrary<byte[]> bytes(byte[]... valid) {
    Arbitrary<byte[]> any = Arbitraries.bytes().array(byte[].class).ofMaxSize(LONGEST_ANY);
    Arbitrary<byte[]> starts = Arbitraries.of(List.of(valid));
    return Arbitraries.frequencyOf(
        Tuple.of(19, any), Tuple.of(40, mutated(starts)), Tuple.of(1, veryLong(starts)));
  }

  /** The same for text. */
  public static Arbitrary<String> text(String... valid) {
    byte[][] utf8 =
        Stream.of(valid).map(v -> v.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    Arbitrary<String> odd =
        Combinators.combine(
                Arbitraries.of(valid),
                Arbitraries.doubles().between(0, 1),
                Arbitraries.of(ODD_TEXT),
                Arbitraries.of(true, false))
            .as(HostileInput::withOddText)
            .withoutEdgeCases();
    return Arbitraries.frequencyOf(
        Tuple.of(1, Arbitraries.strings().ofMaxLength(LONGEST_ANY)),
        Tuple.of(2, odd),
        Tuple.of(3, bytes(utf8).map(b -> new String(b, StandardCharsets.UTF_8))));
  }

  private static String withOddText(String valid, double where, String odd, boolean replace) {
    int at = (int) (where * valid.length());
    int end = replace ? Math.min(valid.length(), at + odd.length()) : at;
    return valid.substring(0, at) + odd + valid.substring(end);
  }

  private static Arbitrary<byte[]> mutated(Arbitrary<byte[]> starts) {
    Arbitrary<Edit> edit =
        Combinators.combine(
                Arbitraries.of(Edit.Kind.class),
                Arbitraries.doubles().between(0, 1),
                Arbitraries.bytes())
            .as(Edit::new);
    return Combinators.combine(starts, edit.list().ofMinSize(1).ofMaxSize(4))
        .as(
            (bytes, edits) -> {
              byte[] result = bytes;
              for (Edit e : edits) {
                result = e.apply(result);
              }
              return result;
            })
        .withoutEdgeCases();
  }

  private static Arbitrary<byte[]> veryLong(Arbitrary<byte[]> starts) {
    return Combinators.combine(starts, Arbitraries.bytes())
        .as(
            (start, filler) -> {
              byte[] bytes = Arrays.copyOf(start, VERY_LONG);
              Arrays.fill(bytes, start.length, bytes.length, filler);
              return bytes;
            })
        .withoutEdgeCases();
  }

  /** One change at a place given as a fraction of the length. */
  private record Edit(Kind kind, double where, byte value) {
    enum Kind {
      FLIP,
      SET,
      INSERT,
      DELETE,
      TRUNCATE
    }

    byte[] apply(byte[] bytes) {
      if (bytes.length == 0) {
        return new byte[] {value};
      }
      int at = Math.min(bytes.length - 1, (int) (where * bytes.length));
      byte[] result = bytes.clone();
      switch (kind) {
        case FLIP -> result[at] ^= (byte) (1 << (value & 7));
        case SET -> result[at] = value;
        case INSERT -> {
          result = Arrays.copyOf(bytes, bytes.length + 1);
          System.arraycopy(bytes, at, result, at + 1, bytes.length - at);
          result[at] = value;
        }
        case DELETE -> {
          result = Arrays.copyOf(bytes, bytes.length - 1);
          System.arraycopy(bytes, at + 1, result, at, bytes.length - at - 1);
        }
        case TRUNCATE -> result = Arrays.copyOf(bytes, at);
      }
      return result;
    }
  }
}
