/** The warren command. */
module dev.warren.cli {
  requires com.fasterxml.jackson.core;
  requires dev.warren.core;
  requires dev.warren.relay.server;
  requires dev.warren.relay.client;
  requires info.picocli;
  requires me.tongfei.progressbar;
  requires org.bouncycastle.provider;
  requires static org.jspecify;

  opens dev.warren.cli to
      info.picocli;
}
