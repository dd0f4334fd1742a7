# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# One Makefile, out of tree: make B=/some/dir.  `make help` lists the targets.

B ?= build
S := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
VERSION := $(shell sed -n 's/^%global ods_version //p' $(S)/ocf-ods.spec)

prefix ?= /usr
sbindir ?= $(prefix)/sbin
libexecdir ?= $(prefix)/libexec
mandir ?= $(prefix)/share/man
docdir ?= $(prefix)/share/doc/ocf-ods
ocfdir ?= $(prefix)/lib/ocf
rundir ?= /run/ocf-ods
PKG_CONFIG ?= pkg-config
# check and demo install what is missing before they need it.
quiet := $(if $(filter check demo help,$(MAKECMDGOALS)),2>/dev/null)
INSTALL ?= install

AGENTS := enforcer signer state hsm
HELPERS := syncd verify hsmprobe cluster conf kasp soa
# helper directory -> name of the binary
BIN_syncd := ods-syncd
BIN_verify := ods-verify
BIN_hsmprobe := ods-hsm-probe
BIN_cluster := ods-cluster
BIN_conf := ods-conf
BIN_kasp := ods-kasp
BIN_soa := ods-soa

# An agent's monitor is a whole process every few seconds, and most of its cost
# is the start of libc: agents are linked statically, with musl where musl-gcc
# is there (in a virtual machine glibc's start alone costs several times as
# much as the whole monitor: it asks CPUID, which traps).  What needs NSS or
# dlopen() is for the helpers.  AGENT_CC=$(CC) takes glibc, AGENT_LDFLAGS= the
# shared one, as the sanitizers need it.
sanitized := $(findstring -fsanitize,$(CFLAGS) $(LDFLAGS))
AGENT_CC ?= $(if $(sanitized),$(CC),$(or $(shell command -v musl-gcc),$(CC)))
AGENT_LDFLAGS ?= $(if $(sanitized),,-static -Wl,--build-id)

# What each helper links, beyond libods.a and libc.
PKG_syncd := libqb libcpg libcmap libquorum sqlite3 gnutls libxml-2.0
PKG_verify := ldns libcrypto
PKG_hsmprobe := libxml-2.0 sqlite3 gnutls
PKG_cluster := sqlite3 libxml-2.0
PKG_conf := libxml-2.0
PKG_kasp := sqlite3
LIBS_hsmprobe := -ldl
HDR_PKGS := pacemaker p11-kit-1 libxxhash
ALL_PKGS := $(sort $(foreach h,$(HELPERS),$(PKG_$(h))))

WARN := -Wall -Wextra -Wshadow -Wundef -Wformat=2 -Wstrict-prototypes \
	-Wmissing-prototypes -Wmissing-declarations -Wpointer-arith \
	-Wcast-qual -Wwrite-strings -Wvla -Wimplicit-fallthrough \
	-Wswitch-enum -Wconversion -Wno-sign-conversion
# snprintf cuts on purpose: texts have a size.
WARN += $(if $(findstring clang,$(CC)),,-Wno-format-truncation)
ifdef WERROR
WARN += -Werror
endif
CFLAGS ?= -O2 -g
isystem = $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(1) $(quiet)))
ODS_CPPFLAGS := -D_GNU_SOURCE -DODS_VERSION='"$(VERSION)"' \
	-DODS_LIBEXECDIR='"$(libexecdir)/ocf-ods"' -DODS_RUNDIR='"$(rundir)"' \
	-I$(S)/agents/common $(call isystem,$(HDR_PKGS) $(ALL_PKGS))
ODS_CFLAGS := -std=gnu11 $(WARN)
CC_RULE = $(CC) $(C_FLAGS)
C_FLAGS = $(CPPFLAGS) $(ODS_CPPFLAGS) $(CFLAGS) $(ODS_CFLAGS) -MMD -MP
LD_FLAGS = $(CFLAGS) $(LDFLAGS) -Wl,--as-needed

COMMON_O := $(patsubst $(S)/%.c,$(B)/obj/%.o,$(wildcard $(S)/agents/common/*.c))
AGENT_COMMON_O := $(patsubst $(S)/%.c,$(B)/agent-obj/%.o,\
	$(filter-out %/conf.c %/xml.c,$(wildcard $(S)/agents/common/*.c)))
helper_o = $(patsubst $(S)/%.c,$(B)/obj/%.o,$(wildcard $(S)/helpers/$(1)/*.c))
AGENT_BIN := $(foreach a,$(AGENTS),$(if $(wildcard $(S)/agents/$(a).c),$(B)/agents/$(a)))
HELPER_SET := $(foreach h,$(HELPERS),$(if $(wildcard $(S)/helpers/$(h)/main.c),$(h)))
HELPER_BIN := $(foreach h,$(HELPER_SET),$(B)/$(BIN_$(h)))
UNIT_SRC := $(wildcard $(S)/tests/unit/*/*_test.c)
UNIT_BIN := $(patsubst $(S)/tests/unit/%.c,$(B)/unit/%,$(UNIT_SRC))
SYNC_BIN := $(patsubst $(S)/tests/sync/%.c,$(B)/sync/%,$(wildcard $(S)/tests/sync/*_test.c))
SYNC_O := $(patsubst $(S)/%.c,$(B)/obj/%.o,$(filter-out %_test.c,$(wildcard $(S)/tests/sync/*.c)))

.PHONY: all help check check-unit check-sync sync check-crash crash fuzz
.PHONY: fuzzers lint demo install rpm clean
all: $(AGENT_BIN) $(HELPER_BIN)

help:
	@echo 'make              build everything into B= (default ./build)'
	@echo 'make check        all tests that CI runs (root, containers)'
	@echo 'make check-unit   unit tests: minutes, no root'
	@echo 'make fuzz         fuzzers of all decoders into B/fuzz-build (clang);'
	@echo '                  tests/run fuzz builds and runs them'
	@echo 'make check-sync   whole clusters in one process: a minute, no root'
	@echo 'make lint         compilers, analysers, format, shellcheck'
	@echo 'make demo         two nodes: sign, kill the active one, watch (root)'
	@echo 'make install      DESTDIR= prefix= ...'
	@echo 'make rpm          RPM packages into $$B/rpm'
	@echo 'make clean        remove the build directory'

Q := $(if $(V),,@)

$(B)/obj/%.o: $(S)/%.c
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC $*')
	$(Q)$(CC_RULE) -c -o $@ $<

$(B)/libods.a: $(COMMON_O)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/agent-obj/%.o: $(S)/%.c
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC $* (agents)')
	$(Q)$(AGENT_CC) $(C_FLAGS) -c -o $@ $<

$(B)/libods-agent.a: $(AGENT_COMMON_O)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/agents/%: $(B)/agent-obj/agents/%.o $(B)/libods-agent.a
	@mkdir -p $(@D)
	$(Q)$(AGENT_CC) $(LD_FLAGS) $(AGENT_LDFLAGS) -o $@ $^

define helper_rule
$(B)/lib$(1).a: $(filter-out %/main.o,$(call helper_o,$(1)))
	@rm -f $$@
	$(Q)$$(AR) rcs $$@ $$^
$(B)/$(BIN_$(1)): $(B)/obj/helpers/$(1)/main.o $(B)/lib$(1).a $(B)/libods.a
	$(Q)$$(CC) $$(LD_FLAGS) -o $$@ $$^ $(if $(PKG_$(1)),$(shell $(PKG_CONFIG) --libs $(PKG_$(1)) $(quiet))) $(LIBS_$(1)) -lpthread
endef
$(foreach h,$(HELPER_SET),$(eval $(call helper_rule,$(h))))

# tests/unit/MODULE/FUNCTION_test.c links every library of ours; the linker
# takes what the test uses.
UNIT_LIBS := $(foreach h,$(HELPER_SET),$(B)/lib$(h).a) $(B)/libods.a
TEST_RULE = $(CC_RULE) -DTEST_DATA='"$(S)/tests/data"' \
	$(foreach h,$(HELPER_SET),-I$(S)/helpers/$(h)) -o $@ $< \
	-Wl,--start-group $(UNIT_LIBS) -Wl,--end-group $(LDFLAGS) \
	-Wl,--as-needed $(shell $(PKG_CONFIG) --libs cmocka $(ALL_PKGS) $(quiet)) \
	-ldl -lpthread
$(B)/unit/%: $(S)/tests/unit/%.c $(UNIT_LIBS)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  TEST $*')
	$(Q)$(TEST_RULE)

# They run the program.
$(patsubst %,$(B)/unit/%_test,kaspchild/kasp_count kaspchild/kasp_keys \
	kaspchild/kasp_rollback kaspchild/kasp_check \
	capture/hot_journal engine/database standby/standby \
	worker/load_state): | $(B)/ods-kasp
$(B)/unit/verifier/verifier_run_test: | $(B)/ods-verify

# tests/bench/NAME.c: the same, a program that measures.
$(B)/bench/%: $(S)/tests/bench/%.c $(UNIT_LIBS)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  BENCH $*')
	$(Q)$(TEST_RULE)

check-unit: $(UNIT_BIN)
	@B=$(B) $(S)/tests/run unit

# One program.  Its shim.c defines write(), rename(), fsync() and the like, for
# our libraries and for the shared ones.
CRASH_SRC := $(wildcard $(S)/tests/crash/*.c)
$(B)/crash/crash_test: $(CRASH_SRC) $(wildcard $(S)/tests/crash/*.h) \
		$(S)/tests/unit/engine/node.h $(UNIT_LIBS)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  TEST crash')
	$(Q)$(CC) $(CPPFLAGS) $(ODS_CPPFLAGS) $(CFLAGS) $(ODS_CFLAGS) \
		-U_FORTIFY_SOURCE \
		$(foreach h,$(HELPER_SET),-I$(S)/helpers/$(h)) -o $@ $(CRASH_SRC) \
		-Wl,--start-group $(UNIT_LIBS) -Wl,--end-group $(LDFLAGS) \
		-Wl,--as-needed $(shell $(PKG_CONFIG) --libs cmocka $(ALL_PKGS) $(quiet)) \
		-ldl -lpthread

crash: $(B)/crash/crash_test
check-crash:
	@B=$(B) $(S)/tests/run crash

# tests/fuzz/INPUT_fuzzer.c, with our libraries, all instrumented: objects of
# their own.  FUZZ=NAME takes those whose name holds it.
FUZZ_CC ?= clang
FUZZ_SRC := $(filter %_fuzzer.c,$(wildcard $(S)/tests/fuzz/*$(FUZZ)*.c))
FUZZ_BIN := $(patsubst $(S)/tests/fuzz/%.c,$(B)/fuzz/%,$(FUZZ_SRC))
SANITIZE := address,undefined
fuzz:
	@+$(MAKE) -f $(firstword $(MAKEFILE_LIST)) B=$(abspath $(B))/fuzz-build \
		CC=$(FUZZ_CC) CFLAGS='-O1 -g -fno-omit-frame-pointer \
		-fsanitize=fuzzer-no-link,$(SANITIZE) -fno-sanitize-recover=all' \
		fuzzers

fuzzers: $(FUZZ_BIN)

$(B)/fuzz/%: $(S)/tests/fuzz/%.c $(UNIT_LIBS)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  FUZZ $*')
	$(Q)$(CC_RULE) -fsanitize=fuzzer,$(SANITIZE) -DTEST_DATA='"$(S)/tests/data"' \
		$(foreach h,$(HELPER_SET),-I$(S)/helpers/$(h)) -o $@ $< \
		-Wl,--start-group $(UNIT_LIBS) -Wl,--end-group $(LDFLAGS) \
		-Wl,--as-needed $(shell $(PKG_CONFIG) --libs $(ALL_PKGS) $(quiet)) \
		-ldl -lpthread

# tests/sync/SCENARIO_test.c: what lies beside it stands for the rest of the
# system, and comes before the libraries.
$(B)/obj/tests/sync/%.o: ODS_CPPFLAGS += $(foreach h,$(HELPER_SET),-I$(S)/helpers/$(h))
$(B)/sync/%: $(S)/tests/sync/%.c $(SYNC_O) $(UNIT_LIBS)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  TEST sync/$*')
	$(Q)$(CC_RULE) $(foreach h,$(HELPER_SET),-I$(S)/helpers/$(h)) -o $@ $< \
		$(SYNC_O) -Wl,--start-group $(UNIT_LIBS) -Wl,--end-group \
		$(LDFLAGS) -Wl,--as-needed \
		$(shell $(PKG_CONFIG) --libs cmocka $(ALL_PKGS) $(quiet)) -lpthread

.SECONDARY: $(SYNC_O)
sync: $(SYNC_BIN)
check-sync:
	@B=$(B) $(S)/tests/run sync

# These two install what a fresh machine lacks before anything is built.
check:
	@$(S)/tests/install-packages check
	@+$(MAKE) -s B=$(abspath $(B)) all
	@B=$(abspath $(B)) $(S)/tests/run check

demo:
	@$(S)/tests/install-packages build
	@+$(MAKE) -s B=$(abspath $(B)) all
	@B=$(abspath $(B)) KEEP=$(KEEP) $(S)/tests/cluster/demo

lint:
	@B=$(B) $(S)/tests/run lint

install: all
	$(INSTALL) -d $(DESTDIR)$(ocfdir)/resource.d/ods \
		$(DESTDIR)$(libexecdir)/ocf-ods $(DESTDIR)$(sbindir) \
		$(DESTDIR)$(mandir)/man7 $(DESTDIR)$(mandir)/man8 \
		$(DESTDIR)$(docdir)/cib-examples
	for a in $(AGENT_BIN); do \
		$(INSTALL) -m 755 $$a $(DESTDIR)$(ocfdir)/resource.d/ods/ && \
		$$a --man >$(DESTDIR)$(mandir)/man7/ocf_ods_$${a##*/}.7 || exit 1; \
	done
	for h in $(filter-out %/ods-cluster,$(HELPER_BIN)); do \
		$(INSTALL) -m 755 $$h $(DESTDIR)$(libexecdir)/ocf-ods/ || exit 1; \
	done
	for h in $(filter %/ods-cluster,$(HELPER_BIN)); do \
		$(INSTALL) -m 755 $$h $(DESTDIR)$(sbindir)/ || exit 1; \
	done
	for m in $(wildcard $(S)/docs/man/*.8); do \
		$(INSTALL) -m 644 $$m $(DESTDIR)$(mandir)/man8/ || exit 1; \
	done
	for d in $(wildcard $(S)/docs/*.md $(S)/README.md); do \
		$(INSTALL) -m 644 $$d $(DESTDIR)$(docdir)/ || exit 1; \
	done
	for e in $(wildcard $(S)/cib-examples/*); do \
		$(INSTALL) -m 644 $$e $(DESTDIR)$(docdir)/cib-examples/ || \
			exit 1; \
	done
	$(INSTALL) -d $(DESTDIR)$(prefix)/lib/tmpfiles.d
	echo 'd $(rundir) 0755 root root -' >$(DESTDIR)$(prefix)/lib/tmpfiles.d/ocf-ods.conf

# The tree as it lies here, committed or not, from git or from a tarball.
RPM_TREE = $(patsubst $(S)/%,%,$(wildcard $(addprefix $(S)/,agents helpers \
	cib-examples tests docs Makefile ocf-ods.spec README.md COPYING)))
RPM_DIR = $(abspath $(B))/rpm
# Where rpm does not know what is installed, it cannot check BuildRequires.
RPM_MUSL = $(if $(shell command -v musl-gcc),--with musl)
RPM_NODEPS = $(shell rpm -q gcc >/dev/null 2>&1 || echo --nodeps)
rpm:
	rm -rf $(RPM_DIR)
	mkdir -p $(RPM_DIR)/top/SOURCES
	tar -C $(S) -czf $(RPM_DIR)/top/SOURCES/ocf-ods-$(VERSION).tar.gz \
		--sort=name --owner=0 --group=0 --numeric-owner \
		--transform 's,^,ocf-ods-$(VERSION)/,S' $(RPM_TREE)
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL LC_ALL=C \
		rpmbuild -ba $(RPM_NODEPS) $(RPM_MUSL) --define '_topdir $(RPM_DIR)/top' \
		--define '_srcrpmdir $(RPM_DIR)' --define '_rpmdir $(RPM_DIR)' \
		--define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
		$(S)/ocf-ods.spec >$(RPM_DIR)/build.log 2>&1 || \
		{ tail -40 $(RPM_DIR)/build.log; exit 1; }
	rm -rf $(RPM_DIR)/top
	@ls $(RPM_DIR)/*.rpm

clean:
	rm -rf $(B)

-include $(shell find $(B) -name rpm -prune -o -type f -name '*.d' -print 2>/dev/null)
