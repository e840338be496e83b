package dev.warren.relay.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.serving.config.ConfigException;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Any text is a configuration, or what is wrong with it can be said. */
class RelayConfigProperties {
  /**
   * The grammar's automaton keeps what it has learnt, and a megabyte of text makes a large tree.
   */
  private static final long MEMORY = 4L << 30;

  @Provide
  Arbitrary<String> texts() {
    return HostileInput.text(
        "http_bind_addr = '[::]:80'\n[limits.client.rx]\nbytes_per_second = 1_000\n",
        "access.shared_token = ['a', \"b\"]\ndrain_seconds = 3\n",
        "access = { http = { url = 'https://a.test/', bearer_token = 'x' } }\n",
        "trusted_proxies = ['10.0.0.0/8']\nproxy_protocol = true\n",
        "[tls]\ncert_mode = 'Manual'\ncert_dir = '/absent'\n");
  }

  @Property(tries = 300)
  void anyTextIsAConfigurationOrAnErrorWithLines(@ForAll("texts") String text) throws Exception {
    check(text);
  }

  static void check(String text) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          try {
            assertThat(RelayConfig.parse("relay.toml", text, Map.of(), false)).isNotNull();
          } catch (ConfigException wrong) {
            assertThat(wrong.problems()).isNotEmpty();
            assertThat(wrong.getMessage()).startsWith("relay.toml");
          }
        });
  }
}
