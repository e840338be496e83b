package dev.warren.base;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.wire.PostcardReader;
import dev.warren.base.wire.PostcardWriter;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import java.net.InetSocketAddress;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.domains.Domain;

/** Socket addresses, relay URLs, custom addresses and ALPNs. */
@Domain(Inputs.class)
@Domain(net.jqwik.api.domains.DomainContext.Global.class)
class AddressProperties {
  @Provide
  Arbitrary<String> addressTexts() {
    return HostileInput.text("192.0.2.1:4433", "[2001:db8::1]:80", "[::ffff:1.2.3.4]:65535");
  }

  @Provide
  Arbitrary<String> relayTexts() {
    return HostileInput.text(
        "https://relay.example.com./",
        "HTTP://[::1]:3340",
        "https://a.b:443/p?q=1#f",
        "https://ä/");
  }

  @Provide
  Arbitrary<String> customTexts() {
    return HostileInput.text("1_a1b2c3d4e5f6", "0_", "ffffffffffffffff_00");
  }

  @Property(tries = 300)
  void anAddressIsWhatItsTextAndBytesSay(@ForAll InetSocketAddress address) throws Exception {
    assertThat(SocketAddrs.parse(SocketAddrs.toString(address))).isEqualTo(address);
    PostcardWriter out = new PostcardWriter();
    SocketAddrs.write(out, address);
    assertThat(SocketAddrs.read(new PostcardReader(out.toBytes()))).isEqualTo(address);
  }

  /** Only canonical forms of IPv4 are taken; of IPv6 any that means the same. */
  @Property(tries = 600)
  void anyTextIsAnAddressOrIsRefused(@ForAll("addressTexts") String text) throws Exception {
    Bounded.run(
        Inputs.MEMORY,
        () -> {
          try {
            InetSocketAddress address = SocketAddrs.parse(text);
            assertThat(address.isUnresolved()).isFalse();
            assertThat(SocketAddrs.parse(SocketAddrs.toString(address))).isEqualTo(address);
            if (!text.startsWith("[")) {
              assertThat(SocketAddrs.toString(address)).isEqualTo(text);
            }
          } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage().length()).isLessThan(200);
          }
        });
  }

  @Property(tries = 300)
  void aRelayUrlIsWhatItsTextsSay(@ForAll RelayUrl url) throws Exception {
    assertStable(url);
  }

  private static void assertStable(RelayUrl url) throws Exception {
    assertThat(RelayUrl.parse(url.toString())).isEqualTo(url).hasToString(url.toString());
    assertThat(RelayUrl.parse(url.toDotted())).isEqualTo(url).hasToString(url.toDotted());
    assertThat(url.host()).isNotEmpty().doesNotContain("[", "]", "/", "\r", "\n");
    assertThat(url.port()).isBetween(1, 65535);
    assertThat(url.uri().getRawFragment()).isNull();
  }

  @Property(tries = 600)
  void anyTextIsARelayUrlOrIsRefused(@ForAll("relayTexts") String text) throws Exception {
    Bounded.run(
        Inputs.MEMORY,
        () -> {
          try {
            assertStable(RelayUrl.parse(text));
          } catch (RelayUrlParseException refused) {
            assertThat(refused.getMessage().length()).isLessThan(200);
          }
        });
  }

  @Property(tries = 300)
  void aCustomAddressIsWhatItsTextSays(@ForAll long id, @ForAll @Size(max = 60) byte[] data)
      throws Exception {
    TransportAddr.Custom custom = new TransportAddr.Custom(id, data);
    assertThat(TransportAddr.Custom.parse(custom.toString())).isEqualTo(custom);
  }

  @Property(tries = 400)
  void anyTextIsACustomAddressOrIsRefused(@ForAll("customTexts") String text) throws Exception {
    Bounded.run(
        Inputs.MEMORY,
        () -> {
          try {
            assertThat(TransportAddr.Custom.parse(text)).hasToString(text);
          } catch (TicketParseException refused) {
            assertThat(refused.getMessage().length()).isLessThan(200);
          }
        });
  }

  @Property(tries = 300)
  void anAlpnIsItsBytes(@ForAll byte[] bytes) {
    if (bytes.length < 1 || bytes.length > 255) {
      org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
          .isThrownBy(() -> Alpn.ofBytes(bytes));
      return;
    }
    Alpn alpn = Alpn.ofBytes(bytes);
    assertThat(alpn.toBytes()).isEqualTo(bytes);
    if (alpn.isAscii()) {
      assertThat(Alpn.of(alpn.toString())).isEqualTo(alpn);
    }
  }

  @Property(tries = 300)
  void anyTextIsAnAlpnOrIsRefused(@ForAll("addressTexts") String text) throws Exception {
    Bounded.run(
        Inputs.MEMORY,
        () -> {
          try {
            assertThat(Alpn.of(text)).hasToString(text);
          } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage().length()).isLessThan(200);
          }
        });
  }
}
