"""The tables that say what may come: ladder, sequence, waiting, questions, and how the forecast moved and did."""

from __future__ import annotations

from typing import Final

from forecast.publish.columns import ESTIMATE, HORIZON, WORDING, Column, Table

OUTLOOK: Final[tuple[Table, ...]] = (
    Table(
        "ladder",
        "probability of each outcome inside the window",
        (HORIZON, Column("rung", "text", "outcome code, O0 to O6"), *ESTIMATE),
        required=True,
    ),
    Table(
        "hazard",
        "P(first overt strike in this week, given none before)",
        (
            Column("week", "int", "week after the as-of day, from 1"),
            Column("start", "date", "first day of the week"),
            Column("end", "date", "last day of the week"),
            *ESTIMATE,
        ),
        conditional=True,
    ),
    Table(
        "replies",
        "how the struck side answers, given how the fighting opens",
        (
            Column("opening", "text", "limited_strike, leadership_strike, sustained_campaign or any"),
            Column("opener", "text", "side that strikes first: a, b or either"),
            Column("mode", "text", "reply: none, proxy, symbolic, bounded or widening"),
            *ESTIMATE,
        ),
        conditional=True,
    ),
    Table(
        "sequence",
        "what follows a first strike: reply, next move of the side that struck, talks, as a tree",
        (
            Column("stage", "int", "1 first strike, 2 reply, 3 next move, 4 talks"),
            Column("opening", "text", "limited_strike, leadership_strike, sustained_campaign, no_strike or any"),
            Column("reply", "text", "within 14 days: none, proxy, symbolic, bounded, widening or any; blank before"),
            Column("next_move", "text", "within 30 days: stops, strikes_again, climbs or any; blank before"),
            Column("settling", "text", "within 60 days: deal, talks (and no deal) or no_talks; blank before"),
            *ESTIMATE,
            *(
                Column(f"share_{column.name}", column.kind, f"{column.meaning}, given the step before (else a strike)")
                for column in ESTIMATE
            ),
        ),
        conditional=True,
    ),
    Table(
        "waiting",
        "probability that it has happened by a day: a strike, a halt, talks after force, a crisis",
        (
            Column("event", "text", "strike, halt, talks, crisis opens or crisis over"),
            Column(
                "days", "int", "days since the as-of day (strike, crisis), the campaign's opening, the first strike"
            ),
            *ESTIMATE,
        ),
        conditional=True,
    ),
    Table(
        "quantities",
        "probabilities of further events, from the same paths as the ladder",
        (HORIZON, Column("name", "text", "stable name of the event, e.g. p_strike"), WORDING, *ESTIMATE),
        required=True,
        conditional=True,
    ),
    Table(
        "questions",
        "questions with a rule that a later record resolves (docs/questions.md)",
        (
            Column("question_id", "text", "stable name of the question"),
            Column("wording", "text", "the question in words"),
            Column("rule", "text", "what makes the answer yes, as JSON; fixed when the forecast is published"),
            Column("given", "text", "the condition, in the same form; blank without one"),
            Column("in_words", "text", "rule and condition as a sentence"),
            Column("opens", "date", "first day of the window"),
            Column("closes", "date", "last day of the window"),
            Column("horizon_days", "int", "days from the as-of day to the last day of the window"),
            Column("expressible", "bool", "whether the model can express the question"),
            Column("reason", "text", "why there is no probability; blank where there is one"),
            *ESTIMATE,
        ),
        conditional=True,
    ),
    Table(
        "history",
        "what the archived forecasts of the case said, and this one as the last",
        (
            Column("as_of", "date", "as-of day; of several forecasts for a day the last one made"),
            Column("created", "text", "ISO time in UTC when it was computed"),
            Column("run_id", "text", "name of the run"),
            Column("stamp", "text", "prospective or retrospective"),
            HORIZON,
            Column("name", "text", "outcome code, O0 to O6, or p_strike: an overt strike by either side"),
            *ESTIMATE,
        ),
    ),
    Table(
        "change",
        "this forecast beside the last archived one, at the horizons that both have",
        (
            HORIZON,
            Column("name", "text", "outcome code, O0 to O6, or p_strike: an overt strike by either side"),
            Column("before", "probability", "probability in the last forecast"),
            Column("now", "probability", "probability in this one"),
            Column("difference", "number", "now minus before"),
            Column("mcse_before", "number", "Monte Carlo standard error of `before`"),
            Column("mcse_now", "number", "Monte Carlo standard error of `now`"),
            Column("mcse", "number", "Monte Carlo standard error of `difference`"),
            Column("beyond_noise", "bool", "whether the difference is larger than twice that error"),
        ),
    ),
    Table(
        "news",
        "rows of the record that came in since the last archived forecast",
        (Column("move_id", "text", "id of the row; it stands in `signals`"),),
    ),
    Table(
        "movers",
        "what moved the forecast since an earlier one, in parts that add up (docs/how-to/what-moved-a-forecast.md)",
        (
            HORIZON,
            Column("name", "text", "outcome code, O0 to O6, or p_strike: an overt strike by either side"),
            Column("part", "int", "number of the part, in order of the way from the earlier forecast to this one"),
            Column(
                "kind",
                "text",
                "corrected (rows), time, model (or priors), refit (and noise), views (of the pool), new (rows), "
                "interplay (of new rows), unsplit (not told apart)",
            ),
            Column("label", "text", "the part in words"),
            Column("side", "text", "side whose rows they are, a or b; blank for none"),
            Column("channel", "text", "channel of the rows"),
            Column("date", "date", "day of the row that stands for them; blank for a part that is no row"),
            Column("moves", "text", "ids of the rows, joined by ;"),
            Column("before", "probability", "probability in the earlier forecast"),
            Column("now", "probability", "probability in this one"),
            Column("mcse_before", "number", "Monte Carlo standard error of `before`"),
            Column("mcse_now", "number", "Monte Carlo standard error of `now`"),
            Column("difference", "number", "what the part moved; the parts at a horizon sum to now minus before"),
            Column("mcse", "number", "Monte Carlo standard error of `difference`"),
            Column("khat", "number", "Pareto k-hat of the weights behind it; blank where there are none"),
            Column("note", "text", "why parts are not told apart, where they are not"),
        ),
    ),
    Table(
        "scores",
        "how earlier forecasts did, by what was known on the as-of day, beside others; lower is better",
        (
            Column("stamp", "text", "prospective or retrospective: whether these forecasts preceded the outcome"),
            HORIZON,
            Column("candidate", "text", "who forecast: what was published, or a view or pool that was not"),
            Column("score", "text", "name of the score: ranked probability or log of the ladder, Brier of questions"),
            Column("forecasts", "int", "resolved forecasts that were scored"),
            Column("open", "int", "forecasts whose windows are not over"),
            Column("void", "int", "forecasts whose windows are over, and that the record cannot resolve"),
            Column("mean", "number", "mean score"),
            Column("low", "number", "lower end of the 95 % interval of the mean; windows that overlap count together"),
            Column("high", "number", "upper end of the interval of the mean"),
            Column("difference", "number", "mean difference to the best other candidate; below 0 is better"),
            Column("difference_low", "number", "lower end of its interval"),
            Column("difference_high", "number", "upper end of its interval"),
        ),
    ),
    Table(
        "baselines",
        "the ladder as each single view has it: inside view (the model), outside view, statistical baselines",
        (
            Column("candidate", "text", "name of the view"),
            HORIZON,
            Column("rung", "text", "outcome code, O0 to O6"),
            Column("probability", "probability", "what it says"),
            Column("low", "probability", "10 % quantile over its posterior draws; blank where it has none"),
            Column("high", "probability", "90 % quantile over its posterior draws; blank where it has none"),
            Column("weight", "number", "its weight in the published pool, or in the linear one; blank without weights"),
        ),
        conditional=True,
    ),
    Table(
        "pool",
        "the ladder as pools of those views have it",
        (
            Column("candidate", "text", "name of the pool"),
            HORIZON,
            Column("rung", "text", "outcome code, O0 to O6"),
            Column("probability", "probability", "what it says"),
            Column("low", "probability", "10 % quantile of the pool of the members' posterior draws"),
            Column("high", "probability", "90 % quantile of the pool of the members' posterior draws"),
            Column("published", "bool", "whether it is the published forecast; if none is, the inside view is"),
        ),
    ),
    Table(
        "outside_view",
        "steps of a crisis like this one by the outside view, from its onset and whenever they come",
        (
            Column("step", "text", "the step, and what it is given"),
            Column("probability", "probability", "mean over draws"),
            Column("low", "probability", "10 % quantile over draws"),
            Column("high", "probability", "90 % quantile over draws"),
        ),
    ),
    Table(
        "treatments",
        "what the forecast would be, had the last period shown another signal",
        (
            Column("treatment", "text", "name of the change"),
            Column("side", "text", "side that acts: a or b"),
            Column("wording", "text", "the change in words: with it, against without"),
            Column("outcome", "text", "the event that is forecast"),
            Column("control", "probability", "its probability without the change"),
            Column("treated", "probability", "its probability with it"),
            Column("difference", "number", "treated minus control"),
            Column("mcse", "number", "Monte Carlo standard error of `difference`"),
            Column("khat", "number", "Pareto k-hat of the worse weights; not to be trusted above 0.7"),
            Column("ess", "number", "effective draws of the worse weights"),
            Column("expected", "text", "+ where the model fixes the sign, else open"),
            Column("note", "text", "why the probabilities are missing, where they are"),
        ),
        conditional=True,
    ),
)
