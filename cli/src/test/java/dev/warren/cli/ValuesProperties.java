package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeTicket;
import dev.warren.base.SecretKey;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import java.util.List;
import java.util.function.Consumer;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import picocli.CommandLine.TypeConversionException;

/** What people type as the values of options. */
class ValuesProperties {
  private static final long MEMORY = 64 << 20;
  private static final dev.warren.base.NodeId ID = SecretKey.ofBytes(new byte[32]).nodeId();

  /** Everything that turns the text of an argument into a value. */
  private static final List<Consumer<String>> PARSERS =
      List.of(
          ByteCount::parse,
          Values::seconds,
          Values::alpn,
          Values::socketAddress,
          Values::relayUrl,
          Values::target,
          Values::nameServer,
          Values::httpUrl,
          DhtHost::parse,
          Published::parse,
          LoopbackPort::parse,
          Values::path,
          Values::pathType);

  @Provide
  Arbitrary<String> texts() {
    return HostileInput.text(
        "64KiB",
        "16 GB",
        "9999999999999999G",
        "30",
        "192.0.2.1:4433",
        "[::1]:80",
        "https://relay.example.com./",
        NodeTicket.of(dev.warren.base.NodeAddr.of(ID)).toString(),
        ID.toString(),
        "direct",
        "some/file");
  }

  @Property(tries = 200)
  void aNumberOfBytesIsItsNumberTimesItsUnit(@ForAll @LongRange(max = 1 << 20) long n) {
    assertThat(ByteCount.parse("" + n).value()).isEqualTo(n);
    assertThat(ByteCount.parse(n + "KiB").value()).isEqualTo(n << 10);
    assertThat(ByteCount.parse(n + "M").value()).isEqualTo(n << 20);
    assertThat(ByteCount.parse(n + " GB").value()).isEqualTo(n << 30);
  }

  @Property(tries = 200)
  void secondsAreSeconds(@ForAll @IntRange(max = 999_999_999) int n) {
    assertThat(Values.seconds("" + n)).hasSeconds(n);
  }

  @Property(tries = 600)
  void anyTextIsAValueOrOneSentence(@ForAll("texts") String text) throws Exception {
    check(text);
  }

  static void check(String text) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          for (Consumer<String> parser : PARSERS) {
            try {
              parser.accept(text);
            } catch (TypeConversionException refused) {
              // Failures shortens what is shown.
              assertThat(refused.getMessage().length()).isLessThan(text.length() + 200);
            }
          }
          try {
            assertThat(ByteCount.parse(text).value()).isBetween(0L, 1L << 50);
          } catch (TypeConversionException refused) {
            assertThat(refused).hasMessageNotContaining("null");
          }
        });
  }
}
