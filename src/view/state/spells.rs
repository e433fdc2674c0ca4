//! The spells of the simulated server: fault rules with a start or an end, drawn onto the time axis or
//! entered under More. What changes them here is an edit like any other, and runs nothing unless it says so.

use super::State;
use crate::experiment::server::{Rule, When};
use crate::lesson::lock::Lock;
use crate::scene::spell::{Grip, SpellKind, spells};
use crate::time::Instant;
use leptos::prelude::*;

impl State {
    /// Adds a spell after all other rules, so that their luck stays what it was, and chooses it.
    pub(crate) fn add_spell(self, kind: SpellKind, from: Instant, to: Instant) {
        let when = When { from_millis: Some(millis(from)), to_millis: Some(millis(to)), ..When::default() };
        let mut place = None;
        self.edit_rules(|rules| {
            place = Some(rules.len());
            rules.push(Rule { when, fault: kind.fault() });
        });
        self.spell.set(place);
    }

    /// Gives a spell the times that it was dragged to.
    pub(crate) fn move_spell(self, grip: Grip, from: Instant, to: Instant) {
        self.edit_spell(grip.place(), |rule| {
            // The edge that was let be stays what it was, even one that lies beyond the axis.
            if !matches!(grip, Grip::End(_)) {
                rule.when.from_millis = Some(millis(from));
            }
            if !matches!(grip, Grip::Start(_)) {
                rule.when.to_millis = Some(millis(to));
            }
        });
    }

    /// Changes a spell, by the place of its rule.
    pub(crate) fn edit_spell(self, place: usize, change: impl FnOnce(&mut Rule)) {
        self.edit_rules(|rules| {
            if let Some(rule) = rules.get_mut(place) {
                change(rule);
            }
        });
    }

    /// Takes a spell away, by the place of its rule.
    pub(crate) fn remove_spell(self, place: usize) {
        self.edit_rules(|rules| {
            if rules.get(place).is_some_and(Rule::is_spell) {
                rules.remove(place);
            }
        });
        self.spell.set(None);
    }

    /// Takes the chosen spell away, if there is one, and runs again without it.
    pub(crate) fn remove_chosen_spell(self) {
        let Some(place) = self.spell.get_untracked() else { return };
        // The server may be another by now.
        let is_there = spells(&self.experiment.read_untracked().server).iter().any(|spell| spell.place == place);
        if is_there {
            self.remove_spell(place);
            self.run_if_simulated();
        }
    }

    fn edit_rules(self, change: impl FnOnce(&mut Vec<Rule>)) {
        // The band on the time axis is no field that could be disabled.
        if self.guide.is_locked(&[Lock::Server]) {
            return;
        }
        self.edit(|experiment| {
            if let Some(figures) = experiment.server.simulated_mut() {
                change(&mut figures.faults);
            }
        });
    }
}

fn millis(at: Instant) -> u32 {
    u32::try_from((at.0 + 500) / 1_000).unwrap_or(u32::MAX)
}
