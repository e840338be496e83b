/** The warren command. */
module dev.warren.cli {
  requires com.fasterxml.jackson.core;
  requires dev.warren.core;
  requires dev.warren.dns.server;
  requires dev.warren.relay.server;
  requires dev.warren.relay.client;
  requires dev.warren.serving;
  requires info.picocli;
  requires me.tongfei.progressbar;
  requires jdk.unsupported;
  requires org.bouncycastle.provider;
  requires org.slf4j;
  requires static org.jspecify;

  provides org.slf4j.spi.SLF4JServiceProvider with
      dev.warren.cli.log.LineLoggerProvider;

  opens dev.warren.cli to
      info.picocli;
}
