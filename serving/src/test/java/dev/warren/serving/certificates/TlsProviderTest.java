package dev.warren.serving.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsProviderTest {
  @ParameterizedTest
  @CsvSource({
    // key,      java, native is there
    "EC,         17,   true,  OPENSSL",
    "RSA,        24,   true,  OPENSSL",
    "EC,         17,   false, JDK",
    "EC,         25,   true,  JDK",
    "EdDSA,      17,   true,  JDK",
    "RSASSA-PSS, 17,   true,  JDK",
  })
  void nativeCodeIsTakenWhereItIsThereAndNothingIsLostByIt(
      String key, int java, boolean isNativeThere, SslProvider expected) {
    assertThat(TlsProvider.of(key, java, isNativeThere)).isEqualTo(expected);
  }

  /** Else the other tests of this build would not show what they are to show. */
  @Test
  void itIsThereInThisBuildWhereItCanBe() throws Exception {
    boolean canBe =
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64");
    assertThat(OpenSsl.isAvailable()).isEqualTo(canBe);
    assertThat(SelfSigned.forNames(List.of("localhost")).context(List.of())).isNotNull();
  }
}
